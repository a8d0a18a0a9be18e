import { pickledState, pickledText, torchFile, zipped } from '../../app/weights/pickle/torch-samples.ts'
import { mutations } from '../../app/weights/safetensors-mutations.ts'

/** Files that no person should have and some do: cut off, mixed up, mislabelled, doubled, hostile. Every one must be refused. */
export interface BadFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** A safetensors file around a header that is given as text. */
function around(header: string, data = 0, length = BigInt(Buffer.byteLength(header))): Buffer {
  const text = Buffer.from(header)
  const bytes = Buffer.alloc(8 + text.length + data)
  bytes.writeBigUInt64LE(length)
  text.copy(bytes, 8)
  return bytes
}

const entry = (name: string, begin: number, end: number, shape = [(end - begin) / 4]) =>
  `${JSON.stringify(name)}:{"dtype":"F32","shape":[${shape}],"data_offsets":[${begin},${end}]}`

const sound = around(`{${entry('decoder.conv_in.weight', 0, 64)}}`, 64)
const whole = { key: '0', shape: [2, 3], strides: [3, 1], stored: 6 }
const soundTorch = torchFile(pickledState({ 'decoder.conv_in.weight': whole }), { 0: [0, 1, 2, 3, 4, 5] })

/** Kinds of damage that are known from people's disks, and what somebody could think of who means harm. */
const known: Readonly<Record<string, Uint8Array>> = {
  'empty.safetensors': Buffer.alloc(0),
  'zeros.safetensors': Buffer.alloc(4096),
  'page.safetensors': Buffer.from('<!DOCTYPE html><html><title>Sign in</title></html>'),
  'lfs.safetensors': Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 2132625894\n'),
  'gguf.gguf': Buffer.concat([Buffer.from('GGUF'), Buffer.alloc(64, 3)]),
  'gguf.safetensors': Buffer.concat([Buffer.from('GGUF'), Buffer.alloc(64, 3)]),
  'picture.safetensors': Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
  'old-pickle.ckpt': Buffer.from('\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.', 'latin1'),
  'huge-header.safetensors': around('{}', 0, 2n ** 63n),
  'promised-header.safetensors': around('{', 0, 99_000_000n),
  'doubled.safetensors': around(`{${entry('a', 0, 8)},${entry('a', 8, 16)}}`, 16),
  'overlap.safetensors': around(`{${entry('a', 0, 8)},${entry('b', 4, 12)}}`, 12),
  'gap.safetensors': around(`{${entry('a', 0, 8)},${entry('b', 12, 16)}}`, 16),
  'beyond.safetensors': around(`{${entry('a', 0, 2 ** 40)}}`, 16),
  'negative.safetensors': around('{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}', 8),
  'nested.safetensors': around(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`),
  'prototype.safetensors': around('{"__proto__":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":1}', 8),
  'many-keys.safetensors': around(`{${Array.from({ length: 300_000 }, (_, k) => entry(`k${k}`, 0, 0)).join()}}`),
  'many-levels.safetensors': around(
    `{${['out.2.weight', 'input_blocks.0.0.weight', ...Array.from({ length: 19_000 }, (_, k) => `output_blocks.${k % 1000}.${k}.conv.weight`)].map(name => entry(name, 0, 0)).join()},${entry('x', 0, 8)}}`,
    4,
  ),
  'too-many-levels.safetensors': around(
    `{${['out.2.weight', 'input_blocks.0.0.weight', ...Array.from({ length: 60_000 }, (_, k) => `decoder.up.${k % 1000}.block.${k}.conv1.weight`)].map(name => entry(name, 0, 0)).join()}}`,
  ),
  'nothing-known.safetensors': around(`{${entry('numbers', 0, 64)}}`, 64),
  'archive.ckpt': zipped({ 'photos/one.jpg': Buffer.alloc(200, 7) }),
  'compressed.ckpt': zipped({ 'model/data.pkl': pickledState({ whole }) }, 8),
  'endless-dictionary.pt': torchFile(Buffer.from('\x80\x02}q\x00X\x01\x00\x00\x00ah\x00s.', 'latin1')),
  'grown-list.pt': torchFile(
    Buffer.concat([Buffer.from('\x80\x02]q\x00'), Buffer.from('h\x00a'.repeat(200_000), 'latin1'), Buffer.from('.')]),
  ),
  'marks.pt': torchFile(
    Buffer.concat([Buffer.from('\x80\x02', 'latin1'), Buffer.alloc(1_000_000, '('), Buffer.from('.')]),
  ),
  'huge-storage.pt': torchFile(pickledState({ whole: { ...whole, stored: 2 ** 31 - 1, shape: [2 ** 30, 2] } }), {
    0: [1],
  }),
  'outer-path.pt': zipped({ '../../data.pkl': pickledState({ whole }) }),
}

const callees = [
  'posix.system',
  'nt.system',
  'builtins.eval',
  'builtins.getattr',
  'subprocess.Popen',
  'runpy._run_code',
  'torch.load',
  'torch.nn.modules.linear.Linear',
  'numpy.core.multiarray.scalar',
  '__main__.Anything',
]

const calling = (callee: string): Buffer => {
  const dot = callee.lastIndexOf('.')
  const call = `c${callee.slice(0, dot)}\n${callee.slice(dot + 1)}\n`
  const extra = [pickledText('x'), Buffer.from(call), pickledText('touch pwned'), Buffer.from('\x85R', 'latin1')]
  return torchFile(pickledState({ whole }, Buffer.concat(extra)), { 0: [0, 1, 2, 3, 4, 5] })
}

/** Yields `count` bad files, the same ones for the same seed: the known ones, each kind of file cut off at many places, hostile
 *  pickles, changed headers and changed archives. A changed file that is sound by chance holds nothing that is known either. */
export function* badFiles(seed: number, count: number): Generator<BadFile> {
  const random = randomSource(seed)
  const fixed = [
    ...Object.entries(known).map(([name, bytes]) => ({ name, bytes })),
    ...callees.map(callee => ({ name: `calls-${callee}.ckpt`, bytes: calling(callee) })),
    ...cuts(sound, 'cut.safetensors', 30),
    ...cuts(soundTorch, 'cut.ckpt', 40),
  ]
  yield* fixed.slice(0, count)
  const headers = mutations(seed)
  for (let k = fixed.length; k < count; k++) {
    if (k % 2 === 0) {
      const { value } = headers.next()
      if (value !== undefined) yield { name: `${k}.safetensors`, bytes: value }
    } else yield { name: `${k}.pt`, bytes: damagedArchive(random) }
  }
}

const cuts = (bytes: Uint8Array, name: string, count: number): BadFile[] =>
  Array.from({ length: count }, (_, k) => ({
    name: `${k}-${name}`,
    bytes: bytes.subarray(0, Math.floor((bytes.length * k) / count)),
  }))

/** Bytes of the table of contents or of the pickle are changed; the tensors in it are of no known kind. */
function damagedArchive(random: () => number): Uint8Array {
  const bytes = torchFile(pickledState({ numbers: whole }), { 0: [0, 1, 2, 3, 4, 5] })
  for (let k = 0; k <= random() * 6; k++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
  return bytes
}

/** mulberry32; quality does not matter here. */
function randomSource(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let word = Math.imul(state ^ (state >>> 15), state | 1)
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61)
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32
  }
}
