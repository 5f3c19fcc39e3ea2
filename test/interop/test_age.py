"""age: its public test vectors, and another implementation both ways

The vectors (C2SP CCTV) and the implementation (age-encryption, by age's
author) come from npm.
"""
import base64
import hashlib
import json
import os
import shutil
import subprocess
import zlib

import zdbtest
from zdbtest import call

NPM = os.path.join(zdbtest.ROOT, "build", "npm-age")
AGE_OPEN = os.path.join(zdbtest.ROOT, "build", "test", "age_open")
PACKAGES = ["cctv-age@0.2.0", "age-encryption@0.3.1"]

PERMISSION, DAMAGED, FORMAT, UNSUPPORTED = 6, 9, 10, 13

# What a vector expects: the codes of our error, and a word of it.
OUTCOMES = {
    "no match": ((PERMISSION,), ""),
    "HMAC failure": ((DAMAGED,), "wrong MAC"),
    "header failure": ((DAMAGED, FORMAT, UNSUPPORTED), ""),
    "armor failure": ((DAMAGED, FORMAT), ""),
    "payload failure": ((DAMAGED,), ""),
}

VECTORS = """
import * as vectors from "cctv-age"
const out = {}
for (const [name, bytes] of Object.entries(vectors))
    out[name] = Buffer.from(bytes).toString("base64")
console.log(JSON.stringify(out))
"""

ENCRYPT = """
import * as age from "age-encryption"
import { readFileSync, writeFileSync } from "fs"
const [recipient, from, to] = process.argv.slice(2)
const encrypter = new age.Encrypter()
encrypter.addRecipient(recipient)
writeFileSync(to, await encrypter.encrypt(readFileSync(from)))
"""

DECRYPT = """
import * as age from "age-encryption"
import { readFileSync, writeFileSync } from "fs"
const [identity, from, to] = process.argv.slice(2)
const decrypter = new age.Decrypter()
decrypter.addIdentity(identity)
writeFileSync(to, await decrypter.decrypt(readFileSync(from)))
"""

KEYS = """
import * as age from "age-encryption"
const out = []
for (const make of [age.generateX25519Identity, age.generateHybridIdentity]) {
    const identity = await make()
    out.push([identity, await age.identityToRecipient(identity)])
}
console.log(JSON.stringify(out))
"""


def node(program, *args):
    path = os.path.join(NPM, "program.mjs")
    with open(path, "w") as file:
        file.write(program)
    return subprocess.run(["node", path, *args], check=True,
                          capture_output=True, text=True).stdout


class Age(zdbtest.Case):

    def setUp(self):
        super().setUp()
        os.environ.pop("ZDBACKUP_AGE_IDENTITY", None)
        if not shutil.which("npm"):
            self.skipTest("npm is not there")
        if os.path.exists(f"{NPM}/node_modules/age-encryption/package.json"):
            return
        os.makedirs(NPM, exist_ok=True)
        done = subprocess.run(
            ["npm", "install", "--prefix", NPM, "--no-audit", "--no-fund",
             "--silent", *PACKAGES], capture_output=True, timeout=300)
        if done.returncode:
            self.skipTest(f"npm could not install {PACKAGES}")

    def secret(self, path, text):
        with open(path, "w") as file:
            file.write(text + "\n")
        os.chmod(path, 0o600)
        return path

    def read(self, vector):
        """What a vector expects, and what we make of it."""
        head, _, body = vector.partition(b"\n\n")
        facts = {}
        for line in head.decode().split("\n"):
            key, _, value = line.partition(": ")
            facts.setdefault(key, []).append(value)
        if "compressed" in facts:
            body = zlib.decompress(body)
        with open("file", "wb") as file:
            file.write(body)
        keys = self.secret("keys", "\n".join(facts.get("identity", [])))
        done = subprocess.run(
            [AGE_OPEN, "file", keys if "identity" in facts else "-",
             *[self.secret("word", word)
               for word in facts.get("passphrase", [])[:1]]],
            capture_output=True)
        return facts, done

    def test_vectors(self):
        vectors = json.loads(node(VECTORS))
        self.assertEqual(len(vectors), 143)
        for name, text in vectors.items():
            facts, done = self.read(base64.b64decode(text))
            expected, said = facts["expect"][0], done.stderr.decode()
            with self.subTest(name):
                if expected == "success":
                    self.assertEqual(said, "")
                else:
                    codes, words = OUTCOMES[expected]
                    self.assertIn(int(said.split()[0]), codes, said)
                    self.assertIn(words, said)
                # nothing is given that the vector does not give
                if expected == "success" or done.stdout:
                    self.assertEqual(hashlib.sha256(done.stdout).hexdigest(),
                                     facts["payload"][0])

    def test_another_implementation(self):
        """Both kinds of keys, in both directions."""
        con = self.sample()
        con.execute("VACUUM INTO 'copy.db'")
        for identity, recipient in json.loads(node(KEYS)):
            os.environ["ZDBACKUP_AGE_IDENTITY"] = self.secret("key", identity)
            path = call(con, "zdb_backup_to", recipient[:8] + ".db", False,
                        {"encrypt_to": recipient})["path"]
            node(DECRYPT, identity, os.path.abspath(path),
                 os.path.abspath("again.db"))
            self.same_contents(con, self.open("again.db"))
            node(ENCRYPT, recipient, os.path.abspath("copy.db"),
                 os.path.abspath("theirs.age"))
            report = call(con, "zdb_verify", "theirs.age",
                          {"level": "restore"})
            self.assertTrue(report["ok"])
            os.remove("again.db")

    def test_kinds_are_not_mixed(self):
        con = self.sample()
        recipients = [pair[1] for pair in json.loads(node(KEYS))]
        self.fails(con, "zdb_backup_to", "b.gz", True,
                   {"encrypt_to": recipients}, text="post-quantum")


zdbtest.main()
