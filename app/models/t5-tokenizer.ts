import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Problem } from '../problem.ts'
import { readJsonObject } from '../weights/json-file.ts'
import { fileProblem } from '../weights/safe-file.ts'
import { alternatives, type EncodedText, placedCut } from './clip-tokenizer.ts'
import { type Piece, PlacedText } from './placed-text.ts'
import { type CharacterMap, characterMap, type PieceModel, readPieceModel } from './sentencepiece.ts'
import { Unigram } from './unigram.ts'

/** The tokenizer of T5's text encoders (the reference's T5Tokenizer). There is no begin token. */
export interface T5Tokenizer {
  /** @param options.maxLength ids, the end included; at least 1 */
  encode(text: string, options: { maxLength: number }): EncodedText
  /** What the ids of the whole text stand for in it, without the end. */
  pieces(text: string): Piece[]
  /** The text of ids, without special tokens and unknown characters. */
  decode(ids: readonly number[]): string
}

/** Stands for the space before a word. */
const SPACE = '\u2581'
/** Sentinels that T5's vocabulary has behind the pieces of spiece.model: `<extra_id_99>` to `<extra_id_0>`. */
const EXTRA_IDS = 100

/** Opens a folder with tokenizer.json or spiece.model; the first is taken where both are there.
 *  Written here because the tokenizers library for JavaScript stands in for sentencepiece's map of characters by NFKC, and gives other ids
 *  for one text in ten of random Unicode.
 *  @throws Problem TOKENIZER_FILE, FILE_*, JSON_FILE naming the file and what was expected */
export function openT5Tokenizer(folder: string): T5Tokenizer {
  const { model, special, path } = readVocabulary(folder)
  const unigram = new Unigram(model.pieces, model.scores, model.unknown)
  const requiredId = (piece: string): number => {
    const id = special.get(piece) ?? unigram.idOf(piece)
    if (id !== undefined) return id
    throw problem(path, `it lacks "${piece}"`)
  }
  const [end, padding] = [requiredId('</s>'), requiredId('<pad>')]
  const specialIds = new Set([...special.values(), end, padding, model.unknown])
  const splitter = alternatives([...special.keys()])
  const rewrite = model.charsmap === undefined ? unchanged : readMap(model.charsmap, path)

  const pieces = (text: string): Piece[] =>
    placedCut(text.toWellFormed(), splitter).flatMap(({ part, isSpecial, at }) => {
      if (isSpecial) return [{ id: special.get(part) ?? model.unknown, start: at, end: at + part.length }]
      const placed = rewritten(part, at, rewrite)
      return wordsOf(placed.text).flatMap(({ word, at: from, added }) => {
        const inText = (unit: number) => from + Math.max(0, unit - added)
        return unigram
          .pieces(word)
          .map(piece => ({ id: piece.id, ...placed.range(inText(piece.from), inText(piece.to)) }))
      })
    })
  const contentOf = (text: string): number[] => pieces(text).map(({ id }) => id)
  const decode = (ids: readonly number[]): string => {
    const pieces = ids.filter(id => !specialIds.has(id)).map(id => model.pieces[id] ?? '')
    return pieces.join('').replaceAll(SPACE, ' ').replace(/^ /, '')
  }
  return {
    encode(text, { maxLength }) {
      const content = contentOf(text)
      const read = [...content.slice(0, maxLength - 1), end]
      const free = Math.max(maxLength - read.length, 0)
      return {
        ids: [...read, ...Array<number>(free).fill(padding)],
        attentionMask: [...Array<number>(read.length).fill(1), ...Array<number>(free).fill(0)],
        untruncated: [...content, end],
        leftOut: decode(content.slice(maxLength - 1)),
      }
    },
    pieces,
    decode,
  }
}

const unchanged: CharacterMap = text => Array.from(text, part => ({ part, becomes: part }))

/** A text as it is read, with the places of what it was made from. */
function rewritten(text: string, from: number, rewrite: CharacterMap): PlacedText {
  let next = from
  return new PlacedText(
    rewrite(text).map(({ part, becomes }) => {
      const start = next
      next += part.length
      return { text: becomes, start, end: next }
    }),
  )
}

/** Words between white space, each behind its space sign; a space sign in the text begins a word of its own. `at`: where a word begins in
 *  the text; `added`: 1 where its first sign does not stand there. */
const wordsOf = (text: string): { word: string; at: number; added: 0 | 1 }[] =>
  Array.from(text.matchAll(/\P{White_Space}+/gu)).flatMap(({ 0: found, index }) => {
    let next = index
    return found.split(new RegExp(`(?=${SPACE})`, 'u')).map(part => {
      const at = next
      next += part.length
      return part.startsWith(SPACE) ? { word: part, at, added: 0 } : { word: SPACE + part, at, added: 1 }
    })
  })

interface Vocabulary {
  readonly model: PieceModel
  /** Tokens that are found in a text as they are written. */
  readonly special: ReadonlyMap<string, number>
  readonly path: string
}

function readVocabulary(folder: string): Vocabulary {
  const json = join(folder, 'tokenizer.json')
  if (existsSync(json)) return { ...readTokenizerJson(json), path: json }
  const path = join(folder, 'spiece.model')
  if (existsSync(path)) return { ...readSpiece(path), path }
  throw new Problem('TOKENIZER_FILE', `${folder} has neither tokenizer.json nor spiece.model, which T5 needs.`, {
    hint: 'Download or copy the whole model again.',
  })
}

const tokenizerSchema = z.object({
  model: z.object({
    type: z.literal('Unigram').optional(),
    unk_id: z.int().nonnegative(),
    vocab: z.array(z.tuple([z.string(), z.number()])),
    byte_fallback: z.literal(false).optional(),
  }),
  added_tokens: z.array(z.object({ id: z.int().nonnegative(), content: z.string() })).default([]),
  normalizer: z.unknown().optional(),
})

const normalizerSchema = z.union([
  z.object({ type: z.literal('Precompiled'), precompiled_charsmap: z.string() }).transform(one => [one]),
  z
    .object({ normalizers: z.array(z.looseObject({ type: z.string(), precompiled_charsmap: z.string().optional() })) })
    .transform(({ normalizers }) => normalizers),
])

/** Of the normalisation, the reference too takes the map of characters alone: white space is T5's own affair. */
function readTokenizerJson(path: string): Omit<Vocabulary, 'path'> {
  const parsed = tokenizerSchema.safeParse(readJsonObject(path))
  if (!parsed.success) {
    const [{ path: key, message }] = parsed.error.issues
    throw problem(path, `${key.join('.')}: ${message}`)
  }
  const { model, added_tokens, normalizer } = parsed.data
  const steps = normalizerSchema.safeParse(normalizer).data ?? []
  const map = steps.find(({ type }) => type === 'Precompiled')?.precompiled_charsmap
  return {
    model: {
      pieces: model.vocab.map(([piece]) => piece),
      scores: model.vocab.map(([, score]) => score),
      unknown: model.unk_id,
      charsmap: map ? Buffer.from(map, 'base64') : undefined,
    },
    special: new Map(added_tokens.map(({ content, id }) => [content, id])),
  }
}

/** A vocabulary has megabytes; beyond this it is something else. */
const largest = 32 * 2 ** 20

function readSpiece(path: string): Omit<Vocabulary, 'path'> {
  const model = parseSpiece(path)
  const extra = Array.from({ length: EXTRA_IDS }, (_, k) => `<extra_id_${EXTRA_IDS - 1 - k}>`)
  const pieces = [...model.pieces, ...extra]
  const special = ['<pad>', '</s>', '<unk>', ...extra].map(piece => [piece, pieces.indexOf(piece)] as const)
  return {
    model: { ...model, pieces, scores: [...model.scores, ...extra.map(() => 0)] },
    special: new Map(special.filter(([, id]) => id >= 0)),
  }
}

function parseSpiece(path: string): PieceModel {
  try {
    if (statSync(path).size > largest) throw problem(path, 'it is too large')
    return readPieceModel(readFileSync(path))
  } catch (error) {
    if (error instanceof RangeError) throw problem(path, error.message)
    throw fileProblem(error, path)
  }
}

function readMap(blob: Uint8Array, path: string): CharacterMap {
  try {
    return characterMap(blob)
  } catch (error) {
    if (error instanceof RangeError) throw problem(path, 'its map of characters is cut off')
    throw error
  }
}

const problem = (path: string, reason: string): Problem =>
  new Problem('TOKENIZER_FILE', `The tokenizer's file ${path} cannot be used: ${reason}.`, {
    hint: 'Download or copy the whole model again.',
  })
