/* What text encoders need of sentencepiece's files: its protobuf messages (sentencepiece_model.proto) and its map of characters. */

/** A vocabulary with scores, as a `.model` file or a tokenizer.json holds it. */
export interface PieceModel {
  readonly pieces: readonly string[]
  /** Logarithms of probabilities. */
  readonly scores: readonly number[]
  /** Id of the piece for what no piece covers. */
  readonly unknown: number
  /** See `characterMap`; absent: characters stay as they are. */
  readonly charsmap: Uint8Array | undefined
}

const kinds = { unknown: 2 } as const
/** The only kind of model that T5 has; the others are byte-pair encoding, words and characters. */
const UNIGRAM = 1

/** Reads a `.model` file: ModelProto with its pieces (field 1), training (2) and normalisation (3).
 *  @throws RangeError where the bytes are no such file, saying what was found */
export function readPieceModel(bytes: Uint8Array): PieceModel {
  const pieces: string[] = []
  const scores: number[] = []
  let unknown = -1
  let charsmap: Uint8Array | undefined
  for (const { field, value } of fieldsOf(bytes)) {
    if (typeof value === 'number') continue
    const inside = new Map(fieldsOf(value).map(({ field, value }) => [field, value]))
    if (field === 1) {
      if (inside.get(3) === kinds.unknown) unknown = pieces.length
      pieces.push(textOf(inside.get(1)))
      scores.push(floatOf(inside.get(2)))
    } else if (field === 2 && (inside.get(3) ?? UNIGRAM) !== UNIGRAM) {
      throw new RangeError('it is not a unigram model')
    } else if (field === 3) {
      const map = inside.get(2)
      if (map instanceof Uint8Array && map.length > 0) charsmap = map
    }
  }
  if (unknown < 0) throw new RangeError('it has no piece for unknown characters')
  return { pieces, scores, unknown, charsmap }
}

const textOf = (value: number | Uint8Array | undefined): string =>
  value instanceof Uint8Array ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(value) : ''

function floatOf(value: number | Uint8Array | undefined): number {
  if (!(value instanceof Uint8Array)) return 0
  return new DataView(value.buffer, value.byteOffset, value.length).getFloat32(0, true)
}

/** A field of a protobuf message: a whole number, or the bytes of anything else. */
interface Field {
  readonly field: number
  readonly value: number | Uint8Array
}

function fieldsOf(message: Uint8Array): Field[] {
  let at = 0
  const take = (length: number): Uint8Array => {
    if (at + length > message.length) throw new RangeError('it ends in the middle of something')
    at += length
    return message.subarray(at - length, at)
  }
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const [byte] = take(1)
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }
  const fields: Field[] = []
  while (at < message.length) {
    const tag = varint()
    const field = Math.floor(tag / 8)
    const wire = tag % 8
    if (wire === 0) fields.push({ field, value: varint() })
    else if (wire === 1) fields.push({ field, value: take(8) })
    else if (wire === 2) fields.push({ field, value: take(varint()) })
    else if (wire === 5) fields.push({ field, value: take(4) })
    else throw new RangeError('it is no sentencepiece file')
  }
  return fields
}

/** Rewrites a text: its parts, in order, and what each becomes. */
export type CharacterMap = (text: string) => { readonly part: string; readonly becomes: string }[]

/** How sentencepiece rewrites characters before it looks for pieces (mostly Unicode's NFKC): a trie as a double array (Aoe 1989), and
 *  behind it the texts that it leads to. @param blob the file's precompiled_charsmap */
export function characterMap(blob: Uint8Array): CharacterMap {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.length)
  const trieBytes = view.getUint32(0, true)
  const unit = (index: number): number => (index * 4 + 4 <= trieBytes ? view.getUint32(4 + index * 4, true) : 0)
  const texts = blob.subarray(4 + trieBytes)

  /** The text for the shortest key that the bytes begin with. */
  const mapped = (key: Uint8Array): string | undefined => {
    let node = offsetOf(unit(0))
    for (const byte of key) {
      node ^= byte
      const here = unit(node)
      if (byte === 0 || (here & 0x800000ff) !== byte) return undefined
      node ^= offsetOf(here)
      if ((here & 0x100) !== 0) return textAt(texts, unit(node) & 0x7fffffff)
    }
    return undefined
  }
  return text =>
    Array.from(graphemes.segment(text)).flatMap(({ segment }) => {
      const bytes = utf8.encode(segment)
      // A short cluster is looked up as a whole; what its first characters lead to then stands for all of it, as in the reference.
      const whole = bytes.length < 6 ? mapped(bytes) : undefined
      if (whole !== undefined) return [{ part: segment, becomes: whole }]
      return Array.from(segment, part => ({ part, becomes: mapped(utf8.encode(part)) ?? part }))
    })
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
const utf8 = new TextEncoder()

/** How far a unit's children lie from it. */
const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6)

function textAt(texts: Uint8Array, start: number): string {
  const end = texts.indexOf(0, start)
  return textOf(texts.subarray(start, end < 0 ? undefined : end))
}
