namespace XdpTop.Flows;

/// <summary>Bits of tcpControlBits (6) that begin and end flows.</summary>
internal static class TcpFlag
{
    public const ushort Fin = 0x01;
    public const ushort Syn = 0x02;
    public const ushort Rst = 0x04;
    public const ushort FinOrRst = Fin | Rst;
}
