using System.Net.Security;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace XdpTop.Export;

/// <summary>For TLS to collectors: whose certificates are trusted, and which one is shown.</summary>
internal sealed class TlsIdentity
{
    // In the order in which .NET looks for them; where it finds none, it ends the process.
    private static readonly string[] s_openSsl = ["libssl.so.3", "libssl.so.1.1"];

    private readonly X509Certificate2Collection? _authorities; // null: those of the system
    private readonly SslStreamCertificateContext? _certificate;

    private TlsIdentity(X509Certificate2Collection? authorities, SslStreamCertificateContext? certificate)
    {
        _authorities = authorities;
        _certificate = certificate;
    }

    /// <summary>Reads PEM files. Throws <see cref="IOException"/>, with one sentence, if one of them is of no use.</summary>
    /// <param name="authorities">Certificates that are trusted in place of the system's; null for the system's.</param>
    /// <param name="certificate">Of this probe, with those that lead to its authority; null for none.</param>
    /// <param name="key">The certificate's private key; null if it is in the same file.</param>
    public static TlsIdentity Load(string? authorities, string? certificate, string? key) => new(
        authorities is null ? null : Read(authorities, "--export-ca", "certificates", () => ReadAll(authorities)),
        certificate is null
            ? null
            : Read(certificate, "--export-cert", "a certificate and its key", () => SslStreamCertificateContext.Create(
                X509Certificate2.CreateFromPemFile(certificate, key), ReadAll(certificate), offline: true)));

    /// <summary>
    /// Makes a TLS session in which the collector's certificate was checked: its authority, its dates, and that it is for
    /// the host of the URL. Throws <see cref="IOException"/>, with one sentence, where that fails.
    /// </summary>
    /// <param name="stream">Owned by what is returned.</param>
    public async Task<SslStream> AuthenticateAsync(Stream stream, CollectorAddress collector, CancellationToken cancellation)
    {
        RequireOpenSsl();
        string fault = "";
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = collector.Host,
            ClientCertificateContext = _certificate,
            RemoteCertificateValidationCallback = (_, _, chain, errors) => (fault = Fault(collector, chain, errors)).Length == 0,
        };
        if (_authorities is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(_authorities);
        }
        SslStream tls = new(stream);
        try
        {
            await tls.AuthenticateAsClientAsync(options, cancellation).ConfigureAwait(false);
            return tls;
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
            throw new IOException(fault.Length > 0 ? fault : Refusal(collector, exception), exception);
        }
    }

    /// <summary>What the collector has against the session, as a sentence.</summary>
    public static string Refusal(CollectorAddress collector, Exception exception)
    {
        string cause = exception.GetBaseException().Message;
        if (cause.Contains("certificate required", StringComparison.Ordinal) || cause.Contains("handshake failure", StringComparison.Ordinal))
            return $"the collector {collector} wants a certificate of this probe: give one with --export-cert and --export-key";
        if (cause.Contains("unknown ca", StringComparison.Ordinal) || cause.Contains("certificate", StringComparison.Ordinal))
            return $"the collector {collector} does not accept this probe's certificate: give another with --export-cert";
        return $"the collector {collector} has ended the TLS session: does it speak TLS on this port?";
    }

    private static string Fault(CollectorAddress collector, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return "";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            return $"the collector {collector} shows no certificate: give it one";
        X509ChainStatusFlags status = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
            return $"the certificate of the collector {collector} has expired or is not valid yet: renew it there";
        if (status.HasFlag(X509ChainStatusFlags.NotValidForUsage))
            return $"the certificate of the collector {collector} is not for servers: give it one with the extended key usage serverAuth";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
            return $"the certificate of the collector {collector} is of no authority that is trusted here: give its authority's with --export-ca";
        return $"the certificate of the collector {collector} is for another name: export to the name that it is for";
    }

    private static X509Certificate2Collection ReadAll(string file)
    {
        X509Certificate2Collection certificates = [];
        certificates.ImportFromPemFile(file);
        return certificates.Count > 0 ? certificates : throw new CryptographicException("it has no certificate");
    }

    private static void RequireOpenSsl()
    {
        if (!Array.Exists(s_openSsl, library => NativeLibrary.TryLoad(library, out _)))
            throw new IOException("TLS takes OpenSSL, and its libssl.so.3 could not be loaded: install it (libssl3), or export to tcp://");
    }

    private static T Read<T>(string file, string option, string content, Func<T> read)
    {
        RequireOpenSsl();
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException
            or ArgumentException)
        {
            throw new IOException(
                $"the file '{file}' of {option} cannot be used: {exception.Message.TrimEnd('.')}; give a PEM file with {content}", exception);
        }
    }
}
