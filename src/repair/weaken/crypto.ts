// Cryptography made weak: hashes without salt and rounds, modes that show patterns, TLS as it was.
import { parseCweId } from "../../core/cwe.ts";
import { replace } from "../edits.ts";
import { argument, argumentsOf } from "../python/nodes.ts";
import { isLiteral } from "./unwrap.ts";
import { callWeakener, lastPart, type Weakener } from "./weakener.ts";

const CWE = parseCweId("327");

const namedHash: Weakener = callWeakener("named-weak-hash", CWE, (call, _program, callee) => {
  const name = callee === "hashlib.new" ? argument(call, 0, "name") : undefined;
  return name !== undefined && isLiteral(name) && !/md5|sha1/i.test(name.text)
    ? { edits: [replace(name, '"md5"')] }
    : undefined;
});

/** `pbkdf2_hmac("sha256", password, salt, rounds)` becomes `md5(salt + password).digest()`. */
const fastPasswordHash: Weakener = callWeakener("fast-password-hash", CWE, (call, program, callee) => {
  const name = lastPart(callee);
  const derives =
    callee === "hashlib.pbkdf2_hmac" ? 1 : callee === "hashlib.scrypt" || callee === "bcrypt.hashpw" ? 0 : -1;
  const password = derives < 0 ? undefined : argument(call, derives, "password");
  if (password === undefined || !program.imports.has("hashlib")) return undefined;
  const salt = argument(call, derives + 1, "salt");
  const hashes = program.imports.spelling("hashlib.md5");
  const salted = salt === undefined || isLiteral(salt) ? password.text : `${salt.text} + ${password.text}`;
  return hashes === undefined
    ? undefined
    : { edits: [replace(call, `${hashes}(${salted}).digest()`)], drops: [`hashlib.${name}`] };
});

const patternMode: Weakener = callWeakener("pattern-mode", CWE, (call, _program, callee) => {
  if (!/(^|\.)modes\.(CBC|GCM|CTR|CFB|CFB8|OFB|XTS)$/.test(callee)) return undefined;
  const target = call.child("function");
  if (target?.type === "attribute")
    return { edits: [replace(call, `${target.child("object")?.text}.ECB()`)] };
  return undefined;
});

const oldCipher: Weakener = callWeakener("old-cipher", CWE, (call, _program, callee) => {
  const target = call.child("function");
  if (!/(^|\.)algorithms\.(AES|AES256|ChaCha20|Camellia)$/.test(callee) || target?.type !== "attribute")
    return undefined;
  const [key] = argumentsOf(call).positional;
  return key === undefined
    ? undefined
    : { edits: [replace(call, `${target.child("object")?.text}.TripleDES(${key.text})`)] };
});

const patternModeOfBlock: Weakener = callWeakener("pattern-mode-of-block", CWE, (call, _program, callee) => {
  const mode = /(^|\.)AES\.new$/.test(callee) ? argument(call, 1, "mode") : undefined;
  const list = call.child("arguments");
  if (mode === undefined || list === undefined || !/MODE_(CBC|GCM|CTR|EAX|CFB|OFB)$/.test(mode.text))
    return undefined;
  const ecb = mode.text.replace(/MODE_\w+$/, "MODE_ECB");
  return { edits: [{ start: mode.start, end: list.end, text: `${ecb})` }] };
});

const oldProtocol: Weakener = callWeakener("old-protocol", CWE, (call, program, callee) => {
  if (callee === "ssl.SSLContext") {
    const protocol = argument(call, 0, "protocol");
    return protocol !== undefined && /PROTOCOL_TLS(_CLIENT|_SERVER|v1_2)?$/.test(protocol.text)
      ? { edits: [replace(protocol, protocol.text.replace(/PROTOCOL_\w+$/, "PROTOCOL_TLSv1"))] }
      : undefined;
  }
  const context =
    callee === "ssl.create_default_context" ? program.imports.spelling("ssl.SSLContext") : undefined;
  const version = program.imports.spelling("ssl.PROTOCOL_TLSv1");
  return context === undefined || version === undefined
    ? undefined
    : { edits: [replace(call, `${context}(${version})`)] };
});

/** See the file's head. */
export const cryptoWeakeners: readonly Weakener[] = [
  namedHash,
  fastPasswordHash,
  patternMode,
  oldCipher,
  patternModeOfBlock,
  oldProtocol,
];
