using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace XdpTop.Tests.Privileged;

/// <summary>An authority of a test's own, and PEM files of what it signs: each with certificate and key.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly string _directory;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;

    public TestCertificates(string directory)
    {
        _directory = directory;
        CertificateRequest request = new("CN=authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-9), DateTimeOffset.UtcNow.AddDays(9));
        Authority = Path.Combine(directory, "authority.pem");
        File.WriteAllText(Authority, _authority.ExportCertificatePem());
    }

    public string Authority { get; }

    /// <param name="days">From now to its end; negative for one that has expired.</param>
    /// <param name="usage">OID of the one extended key usage; null for any.</param>
    public string Create(string name, int days, string? usage = null)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=test", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        if (System.Net.IPAddress.TryParse(name, out System.Net.IPAddress? address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        if (usage is not null)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], critical: false));
        using X509Certificate2 certificate = request.Create(
            _authority, DateTimeOffset.UtcNow.AddDays(-8), DateTimeOffset.UtcNow.AddDays(days), RandomNumberGenerator.GetBytes(8));
        string path = Path.Combine(_directory, $"{name}{days}.pem");
        File.WriteAllText(path, $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        return path;
    }

    public void Dispose()
    {
        _authority.Dispose();
        _key.Dispose();
    }
}
