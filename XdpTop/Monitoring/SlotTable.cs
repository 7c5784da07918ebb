using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using XdpTop.Memory;

namespace XdpTop.Monitoring;

/// <summary>
/// Something about the flow at each slot of each flow cache, zeros at first. Off the managed heap, since an array that grew
/// would have the garbage collector stop the workers; taken when a cache's first slot is asked for, and touched as slots are.
/// Snapshot thread only.
/// </summary>
/// <param name="capacities">Of the flow caches.</param>
/// <param name="what">What the memory is for, for the error's sentence.</param>
internal sealed class SlotTable<T>(int[] capacities, string what) : IDisposable
    where T : unmanaged
{
    private readonly MappedMemory?[] _memory = new MappedMemory?[capacities.Length];

    /// <summary>That of one cache.</summary>
    public Span<T> this[int cache] => MemoryMarshal.Cast<byte, T>((_memory[cache] ?? Allocate(cache)).Span);

    public ref T this[FlowPlace place] => ref this[place.Cache][place.Slot];

    public void Dispose()
    {
        foreach (MappedMemory? memory in _memory)
            memory?.Dispose();
    }

    private MappedMemory Allocate(int cache) =>
        _memory[cache] = MappedMemory.Allocate((nuint)capacities[cache] * (nuint)Unsafe.SizeOf<T>(), what);
}
