namespace XdpTop.Export;

/// <summary>
/// The collectors that users want, each once, in their order. Any thread may call; what has changed, the exporter thread
/// sees when it looks. A reason is one sentence, safe to show.
/// </summary>
internal sealed class CollectorList
{
    private readonly Lock _editing = new();
    private volatile IReadOnlyList<CollectorAddress> _addresses = [];

    /// <summary>The same list until it is changed.</summary>
    public IReadOnlyList<CollectorAddress> Addresses => _addresses;

    /// <summary>
    /// Takes collectors in place of those before: URLs like "udp://host:4739" with spaces between. False with the reason
    /// if one is none.
    /// </summary>
    public bool TrySet(string urls, out string reason)
    {
        if (!CollectorAddress.TryParseAll(urls, out IReadOnlyList<CollectorAddress> addresses, out reason))
            return false;
        lock (_editing)
            _addresses = addresses;
        return true;
    }

    /// <summary>Adds one as the last. False with the reason if it is none, or is there.</summary>
    public bool TryAdd(string url, out string reason) => TryPut(_ => -1, url, out reason);

    /// <summary>Takes another in the place of one, for which records wait from then on, and are sent to the new one.</summary>
    /// <param name="url">As a status has it; if it is gone meanwhile, the new one is added.</param>
    public bool TryReplace(string url, string newUrl, out string reason) =>
        TryPut(addresses => addresses.FindIndex(address => address.ToString() == url), newUrl, out reason);

    /// <summary>Does without one; what waits for it alone is counted as not sent.</summary>
    /// <param name="url">As a status has it.</param>
    public void Remove(string url)
    {
        lock (_editing)
            _addresses = [.. _addresses.Where(address => address.ToString() != url)];
    }

    /// <param name="findPlace">Where it is to go; -1 for the end.</param>
    private bool TryPut(Func<List<CollectorAddress>, int> findPlace, string url, out string reason)
    {
        if (!CollectorAddress.TryParse(url, out CollectorAddress? address, out reason))
            return false;
        lock (_editing)
        {
            List<CollectorAddress> addresses = [.. _addresses];
            int place = findPlace(addresses);
            int same = addresses.IndexOf(address);
            if (same >= 0 && same != place)
            {
                reason = $"{address} is a collector already";
                return false;
            }
            if (place < 0)
                addresses.Add(address);
            else
                addresses[place] = address;
            _addresses = addresses;
        }
        return true;
    }
}
