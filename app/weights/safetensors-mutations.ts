/** Damaged safetensors files for fuzzing: sound ones whose header was changed as text, as structure, or byte by byte. */

/** Numbers in [0, 1), the same for the same seed (mulberry32; quality does not matter here). */
function randomSource(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let word = Math.imul(state ^ (state >>> 15), state | 1)
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61)
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32
  }
}

// biome-ignore format: a list
const fragments = [
  '{', '}', '[', ']', '"', ':', ',', '\\', '-', '0', '1e9', '1e999', '-1', '0.5', '9007199254740993', '18446744073709551615',
  'null', 'true', '"F32"', '"F4"', '"F64"', '"\\u0000"', '"\\ud800"', '"dtype"', '"shape"', '"data_offsets"', '"__metadata__"',
  '"__proto__"', ' ', '\n', '\u2028', '[[[[', '{"a":{"a":{"a":{}}}}',
]

const absurd = [
  -1,
  0,
  1,
  3,
  7,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  1e300,
  0.5,
  '1',
  null,
  [],
  {},
  true,
  'F16',
  'F6_E2M3',
]

/** Yields `count` files, without end if not given; the same ones for the same seed. */
export function* mutations(seed: number, count = Number.POSITIVE_INFINITY): Generator<Uint8Array> {
  const random = randomSource(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)]
  for (let i = 0; i < count; i++) {
    const kind = below(3)
    const header = kind === 0 ? changeStructure(soundHeader(below), below, pick) : soundHeader(below)
    let text = JSON.stringify(header)
    if (kind === 1) text = changeText(text, below, pick)
    const bytes = assemble(text, below)
    if (kind === 2) for (let n = below(4); n >= 0; n--) bytes[below(bytes.length)] = below(256)
    yield below(20) === 0 ? bytes.subarray(0, below(bytes.length)) : bytes
  }
}

type Below = (limit: number) => number
type Header = Record<string, Record<string, unknown>>

function soundHeader(below: Below): Header {
  const header: Header = below(2) ? { __metadata__: { format: 'pt' } } : {}
  for (let i = 0, offset = 0; i < 1 + below(4); i++) {
    const shape = Array.from({ length: below(4) }, () => below(4))
    const end = offset + shape.reduce((a, b) => a * b, 4)
    header[`layer.${i}.weight`] = { dtype: 'F32', shape, data_offsets: [offset, end] }
    offset = end
  }
  return header
}

function changeStructure(header: Header, below: Below, pick: <Item>(items: readonly Item[]) => Item): Header {
  const entry = header[pick(Object.keys(header))]
  const property = pick(['dtype', 'shape', 'data_offsets', 'extra'])
  const list = entry[property]
  if (Array.isArray(list) && list.length > 0 && below(2)) list[below(list.length)] = pick(absurd)
  else if (below(4) === 0) delete entry[property]
  else entry[property] = pick(absurd)
  return header
}

function changeText(text: string, below: Below, pick: <Item>(items: readonly Item[]) => Item): string {
  const at = below(text.length)
  return text.slice(0, at) + pick(fragments) + text.slice(at + below(3) * below(8))
}

/** Length, header and as many bytes of data as the header's largest offset asks for, within reason. */
function assemble(text: string, below: Below): Uint8Array {
  const json = Buffer.from(text)
  const ends = [...text.matchAll(/,(\d{1,4})\]/g)].map(match => Number(match[1]))
  const bytes = Buffer.alloc(8 + json.length + Math.max(0, ...ends))
  bytes.writeBigUInt64LE(below(40) === 0 ? BigInt(below(2 ** 32)) << BigInt(below(32)) : BigInt(json.length))
  json.copy(bytes, 8)
  return bytes
}
