package dev.reflexloop.codex;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.AclEntry;
import java.nio.file.attribute.AclEntryPermission;
import java.nio.file.attribute.AclEntryType;
import java.nio.file.attribute.AclFileAttributeView;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Ed25519 key that signs a ledger. Immutable; its text form shows the public half only.
 *
 * <p>It lives in a file of its own that only its owner may read (permissions on POSIX, an access list on Windows). Keep it apart from the ledger:
 * whoever has both can write a ledger anew.
 */
public final class CodexKey {
    private static final Logger LOG = LoggerFactory.getLogger(CodexKey.class);
    private static final String ALGORITHM = "Ed25519";
    private static final String PRIVATE = "PRIVATE KEY";
    private static final String PUBLIC = "PUBLIC KEY";
    private static final int LONGEST_FILE = 4_096;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final PrivateKey privateKey;
    private final PublicKey publicKey;

    private CodexKey(PrivateKey privateKey, PublicKey publicKey) {
        this.privateKey = privateKey;
        this.publicKey = publicKey;
    }

    /**
     * Reads a key, or makes one when there is no such file. Blocks for as long as the disk takes.
     *
     * @param file the key's file; its folder is created
     * @return the key
     * @throws CodexException if the file cannot be read or written, holds no key, or may be read by others
     */
    public static CodexKey loadOrCreate(Path file) {
        try {
            return Files.exists(file, LinkOption.NOFOLLOW_LINKS) ? load(file) : create(file);
        } catch (FileAlreadyExistsException justNow) {
            return load(file);
        } catch (IOException failure) {
            throw new CodexException(
                    file.toString(),
                    "the key cannot be written (" + failure + "); choose a file in a folder of your own",
                    failure);
        }
    }

    /**
     * Reads a key.
     *
     * @param file the key's file
     * @return the key
     * @throws CodexException if the file cannot be read, holds no key, or may be read by others
     */
    public static CodexKey load(Path file) {
        try {
            refuseWhatOthersRead(file);
            String text;
            try (var in = Files.newInputStream(file)) {
                text = new String(in.readNBytes(LONGEST_FILE), StandardCharsets.US_ASCII);
            }
            KeyFactory keys = KeyFactory.getInstance(ALGORITHM);
            CodexKey key = new CodexKey(
                    keys.generatePrivate(new PKCS8EncodedKeySpec(block(text, PRIVATE))),
                    keys.generatePublic(new X509EncodedKeySpec(block(text, PUBLIC))));
            byte[] probe = {1, 2, 3};
            if (!verify(key.publicKey, probe, key.sign(probe))) {
                throw new IllegalArgumentException("halves of different keys");
            }
            return key;
        } catch (NoSuchFileException missing) {
            throw new CodexException(file.toString(), "there is no such key; look for it, or make one", missing);
        } catch (IOException failure) {
            throw new CodexException(file.toString(), "the key cannot be read (" + failure + ")", failure);
        } catch (GeneralSecurityException | IllegalArgumentException noKey) {
            throw new CodexException( // without its cause, whose message may quote the key
                    file.toString(), "it holds no whole Ed25519 key; take it from a backup, or make another", null);
        }
    }

    private static void refuseWhatOthersRead(Path file) throws IOException {
        if (!Files.getFileStore(file).supportsFileAttributeView("posix")) {
            return;
        }
        Set<PosixFilePermission> others = EnumSet.copyOf(Files.getPosixFilePermissions(file));
        others.removeAll(Set.of(
                PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE));
        if (!others.isEmpty()) {
            throw new CodexException(
                    file.toString(),
                    "others may use the key (" + PosixFilePermissions.toString(others)
                            + "); take that away with chmod 600, and rotate the key if somebody may have",
                    null);
        }
    }

    private static byte[] block(String text, String name) {
        String begin = "-----BEGIN " + name + "-----";
        int start = text.indexOf(begin);
        int end = text.indexOf("-----END " + name + "-----");
        if (start < 0 || end < start) {
            throw new IllegalArgumentException("no " + name);
        }
        return Base64.getMimeDecoder().decode(text.substring(start + begin.length(), end));
    }

    private static CodexKey create(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        KeyPair pair;
        try {
            pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
        } catch (GeneralSecurityException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
        String text = armoured(PRIVATE, pair.getPrivate().getEncoded())
                + armoured(PUBLIC, pair.getPublic().getEncoded());
        try (FileChannel out = createForOwner(file)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        return new CodexKey(pair.getPrivate(), pair.getPublic());
    }

    /** Nobody else may read the file from its first byte on. */
    private static FileChannel createForOwner(Path file) throws IOException {
        Set<StandardOpenOption> options = EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null && Files.getFileStore(folder).supportsFileAttributeView("posix")) {
            FileAttribute<Set<PosixFilePermission>> ownerOnly = PosixFilePermissions.asFileAttribute(OWNER_ONLY);
            return FileChannel.open(file, options, ownerOnly);
        }
        FileChannel opened = FileChannel.open(file, options);
        AclFileAttributeView access = Files.getFileAttributeView(file, AclFileAttributeView.class);
        if (access == null) {
            LOG.warn("This file system cannot keep others from reading the key {}; put it where they cannot go", file);
            return opened;
        }
        try {
            access.setAcl(List.of(AclEntry.newBuilder()
                    .setType(AclEntryType.ALLOW)
                    .setPrincipal(access.getOwner())
                    .setPermissions(EnumSet.allOf(AclEntryPermission.class))
                    .build()));
            return opened;
        } catch (IOException failure) {
            opened.close();
            throw failure;
        }
    }

    private static String armoured(String name, byte[] bytes) {
        return "-----BEGIN " + name + "-----\n" + Base64.getEncoder().encodeToString(bytes) + "\n-----END " + name
                + "-----\n";
    }

    byte[] sign(byte[] bytes) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(privateKey);
            signature.update(bytes);
            return signature.sign();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static boolean verify(PublicKey key, byte[] bytes, byte[] signed) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initVerify(key);
            signature.update(bytes);
            return signature.verify(signed);
        } catch (GeneralSecurityException malformed) {
            return false;
        }
    }

    /** @throws IllegalArgumentException when the text is no public key, written as we write it */
    static PublicKey publicKey(String base64) {
        try {
            PublicKey key = KeyFactory.getInstance(ALGORITHM)
                    .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(base64)));
            if (!base64.equals(text(key))) {
                throw new IllegalArgumentException("the public key is not written as it is here");
            }
            return key;
        } catch (GeneralSecurityException noKey) {
            throw new IllegalArgumentException("it names no public key", noKey);
        }
    }

    private static String text(PublicKey key) {
        return Base64.getEncoder().encodeToString(key.getEncoded());
    }

    /**
     * The public half.
     *
     * @return its X.509 form in base64
     */
    public String publicText() {
        return text(publicKey);
    }

    /** The public half. */
    @Override
    public String toString() {
        return "CodexKey[" + publicText() + "]";
    }
}
