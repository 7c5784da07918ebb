namespace XdpTop.Flows;

/// <summary>Bits of tcpControlBits (6) that tell how flows begin and end.</summary>
internal static class TcpFlag
{
    public const ushort Fin = 0x01;
    public const ushort Syn = 0x02;
    public const ushort Rst = 0x04;
    public const ushort Ack = 0x10;
    public const ushort FinOrRst = Fin | Rst;
}
