import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { Problem } from '../problem.ts'
import { openSafetensors, readIntegers, readRaw, readTensor, writeSafetensors } from './safetensors.ts'
import { dtypeBits } from './safetensors-header.ts'
import { mutations } from './safetensors-mutations.ts'

const folder = mkdtempSync(join(tmpdir(), 'sfumato-safetensors-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'model.safetensors')

/** A file by the letter of the format: 8-byte little-endian length, header, data. */
function file(header: string | object, data: number | Uint8Array = 0): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json, typeof data === 'number' ? Buffer.alloc(data) : data])
}

function refusal(bytes: Uint8Array | string): Problem {
  writeFileSync(path, bytes)
  try {
    openSafetensors(path)
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('it was opened')
}

const f32 = (shape: unknown, ...data_offsets: unknown[]) => ({ dtype: 'F32', shape, data_offsets })
const whole = file({ a: f32([2, 3], 0, 24), b: f32([2], 24, 32) }, 32)

describe('what is no sound file is refused, with its name and what was found', () => {
  const cases: [what: string, bytes: Uint8Array | string, code: string, found: string][] = [
    ['nothing', '', 'EMPTY', 'is empty'],
    ['less than a length', 'abc', 'TRUNCATED', 'ends after 3 bytes'],
    [
      'a Git LFS pointer',
      'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n',
      'LFS',
      'Git LFS pointer',
    ],
    ['a zip archive of torch', Buffer.from('PK\x03\x04aaaaaaaaaaaaaaaa', 'latin1'), 'PICKLE', 'could run code'],
    ['a pickle', Buffer.from('\x80\x02}q\x00(X\x0c\x00\x00\x00', 'latin1'), 'PICKLE', 'could run code'],
    ['a web page', '<!DOCTYPE html><html><head></head></html>', 'PAGE', 'web page'],
    ['a GGUF file', Buffer.from('GGUF\x03\0\0\0\0\0\0\0', 'latin1'), 'GGUF', 'GGUF'],
    ['an absurd length', Buffer.from('ffffffffffffff7f7b7d', 'hex'), 'HEADER', 'at most 100 MB'],
    ['100 MB and one byte', Buffer.from('01e1f505000000007b7d', 'hex'), 'HEADER', '100000001 bytes'],
    ['a header longer than the file', Buffer.from('0900000000000000' + '7b7d', 'hex'), 'TRUNCATED', 'needs 17'],
    ['a header of no bytes', file(''), 'HEADER', '"{"'],
    ['a list', file('[]'), 'HEADER', '"{"'],
    ['spaces before the header', file(' {}'), 'HEADER', '"{"'],
    ['no JSON', file('{"a":'), 'HEADER', 'not JSON'],
    ['text after the header', file('{}x'), 'HEADER', 'not JSON'],
    ['a string that does not end', file('{"a'), 'HEADER', 'not JSON'],
    ['no UTF-8', file(Buffer.from('{"\xff":1}', 'latin1').toString('latin1')).fill(0xff, 10, 11), 'HEADER', 'UTF-8'],
    ['deep nesting', file(`{"a":${'['.repeat(10000)}${']'.repeat(10000)}}`), 'HEADER', 'nested'],
    [
      'the same name twice',
      file('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":{}}'),
      'DUPLICATE',
      '"a" twice',
    ],
    ['twice, far apart', file(`{"a":{},"a"${' '.repeat(200)}:{}}`), 'DUPLICATE', '"a" twice'],
    [
      'the same property twice',
      file('{"a":{"dtype":"U8","dtype":"F32","shape":[0],"data_offsets":[0,0]}}'),
      'DUPLICATE',
      '"dtype" twice',
    ],
    ['an entry that is no object', file({ a: 1 }), 'HEADER', '"a"'],
    ['an entry that is null', file({ a: null }), 'HEADER', '"a"'],
    ['no type', file({ a: { shape: [], data_offsets: [0, 0] } }), 'DTYPE', 'unknown type'],
    ['an unknown type', file({ a: { dtype: 'F12', shape: [1], data_offsets: [0, 4] } }, 4), 'DTYPE', '"F12"'],
    [
      'a type of Object.prototype',
      file({ a: { dtype: 'toString', shape: [], data_offsets: [0, 0] } }),
      'DTYPE',
      'toString',
    ],
    ['no shape', file({ a: { dtype: 'F32', data_offsets: [0, 0] } }), 'SHAPE', 'shape'],
    ['a negative size', file({ a: f32([-1], 0, 4) }, 4), 'SHAPE', 'whole numbers'],
    ['a fractional size', file({ a: f32([0.5], 0, 2) }, 2), 'SHAPE', 'whole numbers'],
    ['a size as text', file({ a: f32(['1'], 0, 4) }, 4), 'SHAPE', 'whole numbers'],
    [
      'a size beyond 2^53',
      file('{"a":{"dtype":"U8","shape":[9007199254740993],"data_offsets":[0,1]}}', 1),
      'SHAPE',
      'whole',
    ],
    ['sizes whose product overflows', file({ a: f32([2 ** 40, 2 ** 40], 0, 4) }, 4), 'SHAPE', 'impossible'],
    ['an overflow hidden by a 0', file({ a: f32([2 ** 40, 2 ** 40, 0], 0, 0) }), 'SHAPE', 'impossible'],
    [
      'fewer bytes than the shape needs',
      file({ a: f32([2, 3], 0, 20) }, 20),
      'SHAPE',
      '20 bytes, but F32 [2,3] needs 24',
    ],
    ['half a byte', file({ a: { dtype: 'F4', shape: [3], data_offsets: [0, 1] } }, 1), 'SHAPE', 'needs 2'],
    ['one offset', file({ a: f32([1], 0) }, 4), 'OFFSETS', 'two whole numbers'],
    ['a negative offset', file({ a: f32([1], -4, 0) }, 4), 'OFFSETS', 'two whole numbers'],
    ['offsets backwards', file({ a: f32([1], 4, 0) }, 4), 'OFFSETS', 'end before they begin'],
    [
      'offsets beyond any file',
      file({ a: f32([0], Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER) }),
      'OFFSETS',
      'beyond any',
    ],
    ['overlapping tensors', file({ a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12), 'OVERLAP', '"b"'],
    ['the same bytes twice', file({ a: f32([2], 0, 8), b: f32([2], 0, 8) }, 8), 'OVERLAP', '"b"'],
    ['a gap', file({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12), 'GAP', '4 unused bytes before "b"'],
    ['bytes before the first tensor', file({ a: f32([1], 4, 8) }, 8), 'GAP', '4 unused bytes'],
    ['bytes after the last tensor', file({ a: f32([1], 0, 4) }, 5), 'GAP', '1 unknown bytes'],
    [
      'a truncated file',
      whole.subarray(0, -1),
      'TRUNCATED',
      `has ${whole.length - 1} bytes, but its header promises ${whole.length}`,
    ],
    ['metadata that is no object', file({ __metadata__: 'pt' }), 'HEADER', '__metadata__'],
    ['metadata that is no text', file({ __metadata__: { step: 3 } }), 'HEADER', '"step"'],
  ]
  for (const [what, bytes, code, found] of cases) {
    test(what, () => {
      const problem = refusal(bytes)
      expect(problem.code).toBe(`SAFETENSORS_${code}`)
      expect(problem.message).toContain(path)
      expect(problem.message).toContain(found)
      expect(problem.hint).toMatch(/\w+.*\.$/)
    })
  }

  test('a sound file, cut off at any byte', () => {
    for (let length = 0; length < whole.length; length++) refusal(whole.subarray(0, length))
  })

  test('a file that is not there, a folder', () => {
    expect(() => openSafetensors(join(folder, 'none'))).toThrow(/none does not exist/)
    expect(() => openSafetensors(folder)).toThrow(/is not a file/)
  })
})

test('the values of every type come out, placed by hand in the file', () => {
  const bytes = Buffer.alloc(64)
  bytes.writeBigInt64LE(-3n, 0)
  bytes.writeDoubleLE(0.1, 8)
  bytes.writeFloatLE(-2.5, 16)
  bytes.writeInt32LE(-70000, 20)
  bytes.writeUInt16LE(0x3555, 24) // float16 nearest to 1/3
  bytes.writeUInt16LE(0xc049, 26) // bfloat16 nearest to -pi
  bytes.writeUInt8(200, 28)
  bytes.writeInt8(-100, 29)
  const at = (dtype: string, begin: number, end: number) => ({ dtype, shape: [1], data_offsets: [begin, end] })
  // biome-ignore format: a group a line
  const header = {
    i64: at('I64', 0, 8), f64: at('F64', 8, 16), f32: at('F32', 16, 20), i32: at('I32', 20, 24), f16: at('F16', 24, 26),
    bf16: at('BF16', 26, 28), u8: at('U8', 28, 29), i8: at('I8', 29, 30), f8: at('F8_E8M0', 30, 31),
    scalar: { dtype: 'BOOL', shape: [], data_offsets: [31, 32] }, none: { dtype: 'F32', shape: [0, 4], data_offsets: [32, 32] },
  }
  writeFileSync(path, file(header, bytes.subarray(0, 32)))
  const opened = openSafetensors(path)
  const value = (name: string) => readTensor(opened, name)[0]
  expect([value('i64'), value('f64'), value('f32'), value('i32')]).toEqual([-3, Math.fround(0.1), -2.5, -70000])
  expect([value('f16'), value('bf16'), value('u8'), value('i8')]).toEqual([0.333251953125, -3.140625, 200, -100])
  expect([...readTensor(opened, 'none')]).toEqual([])
  expect([readIntegers(opened, 'i64'), readIntegers(opened, 'scalar')]).toEqual([[-3], [0]])
  expect([...readRaw(opened, 'f16')]).toEqual([0x55, 0x35])
  expect(opened.tensors.get('f16')).toMatchObject({ shape: [1], length: 2, offset: opened.byteLength - 32 + 24 })
  expect(() => readTensor(opened, 'f8')).toThrow(/"f8".*F8_E8M0/)
  expect(() => readIntegers(opened, 'f32')).toThrow(/whole numbers/)
  expect(() => readTensor(opened, 'absent')).toThrow(/no tensor "absent"/)
})

test('a whole number that cannot be held exactly is refused', () => {
  writeFileSync(path, file({ a: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } }, Buffer.alloc(8, 0x7f)))
  expect(() => readIntegers(openSafetensors(path), 'a')).toThrow(/9187201950435737471.*2\^53/)
})

const tensorToWrite = fc
  .tuple(
    fc.constantFrom('F32', 'F16', 'U8', 'I64'),
    fc.array(fc.nat(4), { maxLength: 4 }),
    fc.infiniteStream(fc.nat(255)),
  )
  .map(([dtype, shape, stream]) => {
    const bytes = shape.reduce((a, b) => a * b, dtypeBits[dtype] / 8)
    return { dtype, shape, data: Uint8Array.from({ length: bytes }, () => stream.next().value ?? 0) }
  })
const name = fc.string({ unit: 'grapheme' }).filter(text => text !== '__metadata__')

test('what was written is read: any names, types, shapes, bytes and metadata', () => {
  fc.assert(
    fc.property(fc.dictionary(name, tensorToWrite), fc.dictionary(name, fc.string()), (tensors, metadata) => {
      writeSafetensors(path, Object.entries(tensors), metadata)
      const opened = openSafetensors(path)
      expect({ ...opened.metadata }).toEqual({ ...metadata })
      expect([...opened.tensors.keys()].toSorted()).toEqual(Object.keys(tensors).toSorted())
      for (const [key, { dtype, shape, data }] of Object.entries(tensors)) {
        const entry = opened.tensors.get(key)
        expect(entry).toMatchObject({ dtype, shape, length: data.length })
        expect((entry?.offset ?? 1) % (dtypeBits[dtype] / 8)).toBe(0)
        expect(readRaw(opened, key)).toEqual(data)
      }
    }),
    { numRuns: 60, seed: 1 },
  )
})

test('a tensor whose bytes do not fit is not written, and the old file stays whole', () => {
  writeFileSync(path, whole)
  const wrong = { dtype: 'F32', shape: [2], data: new Uint8Array(7) } as const
  expect(() => writeSafetensors(path, [['a', wrong]])).toThrow(/7 bytes for F32 \[2\]/)
  expect(readFileSync(path)).toEqual(whole)
  expect(readdirSync(folder)).toEqual(['model.safetensors'])
})

test('changed headers are opened or refused with a Problem, never anything else', () => {
  const counts = { opened: 0, refused: 0 }
  for (const bytes of mutations(20261123, 1500)) {
    writeFileSync(path, bytes)
    try {
      const { tensors, byteLength } = openSafetensors(path)
      for (const { offset, length } of tensors.values()) expect(offset + length).toBeLessThanOrEqual(byteLength)
      counts.opened++
    } catch (error) {
      expect(error).toBeInstanceOf(Problem)
      counts.refused++
    }
  }
  expect(counts.opened).toBeGreaterThan(20)
  expect(counts.refused).toBeGreaterThan(1000)
})
