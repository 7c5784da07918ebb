namespace XdpTop.Export;

/// <summary>What is only written to, from its beginning on: a pipe, a terminal, or whatever else stands for a file.</summary>
internal abstract class WriteOnlyStream : Stream
{
    /// <summary>Whether somebody who does not read it can make a write wait for ever.</summary>
    public abstract bool CanStall { get; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public abstract override void Write(ReadOnlySpan<byte> buffer);

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
