"""Certificates, keys and revocation lists of every kind that fedmsg's checks tell apart: pki.py FOLDER [NOW END]

Makes NAME.crt and NAME.key for each signer and authority, and revocation lists (*.pem). What is expired or not yet
valid is so at NOW, a date (today); all else is valid then and to END (for ten days). The unit tests' fixtures are some
of what `pki.py FOLDER 2026-01-10 2120-01-01` makes.
"""

import datetime
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

DAY = datetime.timedelta(days=1)


def name(*common_names):
    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Fedora Project")]
    return x509.Name(attributes + [x509.NameAttribute(NameOID.COMMON_NAME, text) for text in common_names])


def sign_again(signed, part, key, hash):
    """The same certificate or list signed with a hash that the library signs no certificates with."""
    sha256 = bytes.fromhex("2a864886f70d01010b")
    oid = sha256[:-1] + {"sha1": b"\x05", "md5": b"\x04"}[hash.name]
    new = part.replace(sha256, oid)
    signature = key.sign(new, padding.PKCS1v15(), hash)
    der = signed.public_bytes(serialization.Encoding.DER).replace(part, new).replace(sha256, oid)
    return der[: -len(signature)] + signature


class PKI:
    def __init__(self, folder, now, end):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.now = now
        self.end = end
        self.serial = 1000
        self.keys = {}
        self.certificates = {}

    def key(self, holder, size=2048):
        """A key in NAME.key; the size "ec" makes one of another algorithm."""
        if holder not in self.keys:
            if size == "ec":
                key = ec.generate_private_key(ec.SECP256R1())
            else:
                key = rsa.generate_private_key(65537, size)
            self.hold(holder, key)
        return self.keys[holder]

    def hold(self, holder, key):
        self.keys[holder] = key
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (self.folder / f"{holder}.key").write_bytes(pem)

    def issue(self, holder, issuer=None, subject=None, size=2048, start=None, end=None, ca=False, hash=None,
              extensions=()):
        """A certificate in NAME.crt; without an issuer it signs itself."""
        key = self.key(holder, size)
        subject = subject or name(f"{holder}.example.org")
        self.serial += 1
        signer = self.certificates[issuer] if issuer else None
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(signer.subject if signer else subject)
            .public_key(key.public_key())
            .serial_number(self.serial)
            .not_valid_before(start or self.now - 5 * DAY)
            .not_valid_after(end or self.end)
        )
        if ca:
            builder = builder.add_extension(x509.BasicConstraints(True, None), critical=True)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        certificate = builder.sign(self.keys[issuer or holder], hashes.SHA256())
        if hash:
            der = sign_again(certificate, certificate.tbs_certificate_bytes, self.keys[issuer or holder], hash)
            certificate = x509.load_der_x509_certificate(der)
        self.certificates[holder] = certificate
        (self.folder / f"{holder}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return certificate

    def revoke(self, file, issuer, holders, start=None, end=None, key=None, hash=None, reasons=None):
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificates[issuer].subject)
            .last_update(start or self.now - 3 * DAY)
            .next_update(end or self.end)
        )
        for holder in holders:
            entry = (
                x509.RevokedCertificateBuilder()
                .serial_number(self.certificates[holder].serial_number)
                .revocation_date(self.now - 4 * DAY)
            )
            if reasons:
                entry = entry.add_extension(x509.CRLReason(reasons), critical=False)
            builder = builder.add_revoked_certificate(entry.build())
        crl = builder.sign(self.keys[key or issuer], hashes.SHA256())
        if hash:
            crl = x509.load_der_x509_crl(sign_again(crl, crl.tbs_certlist_bytes, self.keys[issuer], hash))
        (self.folder / file).write_bytes(crl.public_bytes(serialization.Encoding.PEM))

    def join(self, file, *parts):
        text = b"".join(part if isinstance(part, bytes) else (self.folder / part).read_bytes() for part in parts)
        (self.folder / file).write_bytes(text)


def make(folder, now, end):
    pki = PKI(folder, now, end)

    # Authorities, as fedmsg's: named after their service, not after a host.
    authority = name("fedmsg CA")
    pki.issue("ca", subject=authority, ca=True)
    pki.issue("ca-otherkey", subject=authority, ca=True)
    pki.issue("ca-othername", subject=name("another CA"), ca=True)
    for holder in ["ca-expired", "ca-future", "ca-sha1"]:
        pki.hold(holder, pki.keys["ca"])
    pki.issue("ca-expired", subject=authority, ca=True, end=now - DAY)
    pki.issue("ca-future", subject=authority, ca=True, start=now + DAY)
    pki.issue("ca-sha1", subject=authority, ca=True, hash=hashes.SHA1())
    pki.issue("intermediate", "ca", subject=name("intermediate CA"), ca=True)
    pki.join("ca-with-text.crt", b"Certificate:\n  of the CA\n", "ca.crt", "ca-othername.crt")
    pki.join("ca-second.crt", "ca-othername.crt", "ca.crt")
    pki.join("ca-chain.crt", "intermediate.crt", "ca.crt")

    # Signers.
    for holder in ["app01", "app02", "revoked", "unrevoked"]:
        pki.issue(holder, "ca")
    pki.issue("small", "ca", size=1024)
    pki.issue("big", "ca", size=4096)
    for holder in ["expired", "future", "sha1", "md5", "nocn", "twocn", "unicode", "critical", "server", "nosign",
                   "otherkey", "othername", "chained", "samename"]:
        pki.hold(holder, pki.keys["app01"])
    pki.issue("expired", "ca", end=now - DAY)
    pki.issue("future", "ca", start=now + DAY)
    pki.issue("sha1", "ca", hash=hashes.SHA1())
    pki.issue("md5", "ca", hash=hashes.MD5())
    pki.issue("nocn", "ca", subject=name())
    pki.issue("twocn", "ca", subject=name("first.example.org", "app01.example.org"))
    pki.issue("unicode", "ca", subject=name("caf\u00e9.example.org"))
    unknown = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
    pki.issue("critical", "ca", extensions=[(unknown, True)])
    pki.issue("server", "ca", extensions=[(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), True)])
    nothing = x509.KeyUsage(False, False, True, False, False, False, False, False, False)
    pki.issue("nosign", "ca", extensions=[(nothing, True)])
    pki.issue("ec", "ca", size="ec")
    pki.issue("selfsigned")
    pki.issue("samename", "ca", subject=authority)
    pki.issue("otherkey", "ca-otherkey")
    pki.issue("othername", "ca-othername")
    pki.issue("chained", "intermediate")

    # Revocation lists.
    pki.revoke("crl.pem", "ca", ["revoked"])
    pki.revoke("crl-empty.pem", "ca", [])
    pki.revoke("crl-sha1.pem", "ca", ["revoked"], hash=hashes.SHA1())
    pki.revoke("crl-expired.pem", "ca", ["revoked"], end=now - DAY)
    pki.revoke("crl-future.pem", "ca", ["revoked"], start=now + DAY)
    pki.revoke("crl-otherkey.pem", "ca", ["revoked"], key="ca-otherkey")
    pki.revoke("crl-othername.pem", "ca-othername", ["revoked"])
    pki.revoke("crl-unrevoked.pem", "ca", ["revoked", "unrevoked"], reasons=x509.ReasonFlags.remove_from_crl)
    pki.revoke("crl-ca.pem", "ca", ["ca"])


def main():
    dates = [datetime.datetime.fromisoformat(text) for text in sys.argv[2:]]
    now = dates[0] if dates else datetime.datetime.utcnow().replace(microsecond=0)
    make(sys.argv[1], now, dates[1] if dates else now + 10 * DAY)


main()
