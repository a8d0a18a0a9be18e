import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Problem } from '../problem.ts'
import { readJsonObject } from '../weights/json-file.ts'
import { fileProblem } from '../weights/safe-file.ts'
import { decodeSymbols, encodeWord, lengthsOf, type MergeRanks } from './byte-pair-encoding.ts'
import { normalise, normalisePlaced, type Piece, rangesOfBytes } from './placed-text.ts'

/** A text as the text encoder reads it. */
export interface EncodedText {
  /** Begin, the text, end, padding: maxLength ids. */
  readonly ids: readonly number[]
  /** 1 where there is text (begin and end included), 0 on padding. */
  readonly attentionMask: readonly number[]
  /** Begin, the whole text, end; however long. */
  readonly untruncated: readonly number[]
  /** The words that found no room, as the model would have read them; '' when all did. */
  readonly leftOut: string
}

/** A word that was learned (textual inversion): its vectors take ids from `firstLearned` on, in the order of the list. */
export interface LearnedWord {
  readonly word: string
  /** Vectors in its place, at least 1; all but the first are also written WORD_1, WORD_2 ... */
  readonly vectors: number
}

/** The tokenizer of CLIP's text encoders (the reference's CLIPTokenizer). */
export interface ClipTokenizer {
  /** Ids that a text encoder reads at once, begin and end included. */
  readonly maxLength: number
  /** The id of the first learned word: the number of entries of vocab.json. */
  readonly firstLearned: number
  /** @param maxLength at least 2; the tokenizer's own unless given */
  encode(text: string, options?: { maxLength?: number }): EncodedText
  /** What the ids of the whole text stand for in it, without begin and end. */
  pieces(text: string): Piece[]
  /** The entries of vocab.json for ids. */
  tokens(ids: readonly number[]): string[]
  /** The text of ids, without special tokens: lower case, single spaces, punctuation apart. */
  decode(ids: readonly number[]): string
}

/** Opens a folder with vocab.json and merges.txt; special_tokens_map.json and tokenizer_config.json are read if they
 *  are there. About 0.04 s for the 49408 entries of the published vocabulary.
 *  @param options.maxLength the text encoder's max_position_embeddings: taken where the folder names no model_max_length,
 *  or a larger one
 *  @param options.learned words that were learned; they are found in any case and within other words, as the reference finds them
 *  @param options.padToken fills up instead of what the folder says
 *  @throws Problem EMBEDDING_WORD where one is in the vocabulary already or learned twice, TOKENIZER_FILE, FILE_*, JSON_FILE naming the file and what was expected */
export function openClipTokenizer(
  folder: string,
  options: { maxLength: number; learned?: readonly LearnedWord[]; padToken?: string | undefined },
): ClipTokenizer {
  const { maxLength: positions, learned = [], padToken } = options
  const vocabulary = readJsonObject(join(folder, 'vocab.json')) // checked when used: a check of all costs more than reading
  const ranks = readMerges(join(folder, 'merges.txt'))
  const { special: own, modelMaxLength } = readSettings(folder)
  const special = padToken === undefined ? own : { ...own, pad_token: { ...own.pad_token, content: padToken } }
  const ownMaxLength = Math.min(modelMaxLength ?? positions, positions)

  const idOf = (token: string): number | undefined => {
    if (!Object.hasOwn(vocabulary, token)) return undefined
    const id = vocabulary[token]
    if (Number.isInteger(id) && Number(id) >= 0) return Number(id)
    throw problem(join(folder, 'vocab.json'), `it gives "${token}" the id ${JSON.stringify(id)}`)
  }
  const specialId = (role: SpecialRole): number => {
    const id = idOf(special[role].content)
    if (id !== undefined) return id
    throw problem(join(folder, 'vocab.json'), `it lacks "${special[role].content}", its own ${role}`)
  }
  const [begin, end, unknown, padding] = [
    specialId('bos_token'),
    specialId('eos_token'),
    specialId('unk_token'),
    specialId('pad_token'),
  ]
  const specialIds = new Set([begin, end, unknown, padding])
  const firstLearned = Object.keys(vocabulary).length
  const learnedIds = idsOfLearned(learned, firstLearned, word => Object.hasOwn(vocabulary, word))
  const split = specialSplitter([
    ...Object.values(special),
    ...Array.from(learnedIds.keys(), content => ({ content, normalized: true })),
  ])

  const wordIds = new Map<string, readonly number[]>()
  const encodeKnownWord = (word: string): readonly number[] => {
    const known = wordIds.get(word)
    if (known) return known
    const ids = encodeWord(word, ranks).map(symbol => idOf(symbol) ?? unknown)
    wordIds.set(word, ids)
    return ids
  }
  const contentOf = (text: string): number[] =>
    split
      .plain(text)
      .flatMap(({ part, isSpecial }) =>
        isSpecial ? (learnedIds.get(part) ?? [idOf(part) ?? unknown]) : wordsOf(part).flatMap(encodeKnownWord),
      )

  const piecesOfWord = (word: string): { id: number; from: number; to: number }[] => {
    const ids = encodeKnownWord(word)
    const ranges = rangesOfBytes(word, lengthsOf(encodeWord(word, ranks)))
    return ranges.map((range, k) => ({ id: ids[k], ...range }))
  }
  const pieces = (text: string): Piece[] =>
    split.placed(text).flatMap(({ part, isSpecial, range }) => {
      if (isSpecial)
        return (learnedIds.get(part) ?? [idOf(part) ?? unknown]).map(id => ({ id, ...range(0, part.length) }))
      return placedWords(part).flatMap(({ word, at }) =>
        piecesOfWord(word).map(({ id, from, to }) => ({ id, ...range(at + from, at + to) })),
      )
    })

  let entries: string[] | undefined // the vocabulary by id, built when a text is too long for the first time
  const tokens = (ids: readonly number[]): string[] => {
    entries ??= Object.keys(vocabulary).reduce<string[]>((list, token) => {
      list[Number(vocabulary[token])] = token
      return list
    }, [])
    for (const [word, [first]] of learnedIds) entries[first] = word
    return ids.map(id => entries?.[id] ?? special.unk_token.content)
  }
  const decode = (ids: readonly number[]) => decodeSymbols(tokens(ids.filter(id => !specialIds.has(id))))

  return {
    maxLength: ownMaxLength,
    firstLearned,
    encode(text, { maxLength = ownMaxLength } = {}) {
      const content = contentOf(text)
      const read = [begin, ...content.slice(0, maxLength - 2), end]
      const free = Math.max(maxLength - read.length, 0)
      return {
        ids: [...read, ...Array<number>(free).fill(padding)],
        attentionMask: [...Array<number>(read.length).fill(1), ...Array<number>(free).fill(0)],
        untruncated: [begin, ...content, end],
        leftOut: content.length > maxLength - 2 ? decode(content.slice(maxLength - 2)) : '',
      }
    },
    pieces,
    tokens,
    decode,
  }
}

/** The ids of learned words, and of the names of their single vectors. */
function idsOfLearned(
  learned: readonly LearnedWord[],
  first: number,
  isKnown: (word: string) => boolean,
): ReadonlyMap<string, readonly number[]> {
  const ids = new Map<string, readonly number[]>()
  let next = first
  for (const { word, vectors } of learned) {
    const own = Array.from({ length: vectors }, (_, k) => next + k)
    for (const [k, id] of own.entries()) {
      const name = k === 0 ? word : `${word}_${k}`
      if (name.trim() === '' || isKnown(name) || ids.has(name)) {
        throw new Problem('EMBEDDING_WORD', `"${name}" cannot stand for an embedding: it means something already.`, {
          hint: 'Rename the embedding.',
        })
      }
      ids.set(name, k === 0 ? own : [id])
    }
    next += vectors
  }
  return ids
}

/** Words of normalised text: contractions, letters, single digits, runs of anything else that is visible. The names of
 *  CLIP's own special tokens, where they are not special (written in capitals), are cut from what follows them first. */
const wordsOf = (text: string): string[] => placedWords(text).map(({ word }) => word)

const placedWords = (text: string): { word: string; at: number }[] =>
  Array.from(text.matchAll(PIECES)).flatMap(({ 0: piece, index }) =>
    Array.from(piece.matchAll(WORDS), ({ 0: word, index: within }) => ({ word, at: index + within })),
  )

const WORDS = /'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/gu
const PIECES = new RegExp(`<\\|startoftext\\|>|<\\|endoftext\\|>|${WORDS.source}`, 'gu')

const specialToken = z.union([
  z.string().transform(content => ({ content, normalized: false })),
  z.object({ content: z.string(), normalized: z.boolean().default(false) }),
])
type SpecialToken = z.output<typeof specialToken>

type SpecialRole = 'bos_token' | 'eos_token' | 'unk_token' | 'pad_token'

const settingsSchema = z.object({
  bos_token: specialToken.nullish(),
  eos_token: specialToken.nullish(),
  unk_token: specialToken.nullish(),
  pad_token: specialToken.nullish(),
  model_max_length: z.number().nullish(),
})

/** Cuts special tokens out of a text: as they are written, or in normalised text where they ask for it. The rest comes
 *  back normalised. */
function specialSplitter(special: readonly SpecialToken[]) {
  const verbatim = alternatives(special.filter(({ normalized }) => !normalized).map(({ content }) => content))
  const normalised = new Map(
    special.filter(({ normalized }) => normalized).map(({ content }) => [normalise(content), content]),
  )
  const inNormalised = alternatives([...normalised.keys()])
  return {
    plain: (text: string) =>
      cut(text, verbatim).flatMap(piece =>
        piece.isSpecial
          ? [piece]
          : cut(normalise(piece.part), inNormalised).map(({ part, isSpecial }) => ({
              part: isSpecial ? (normalised.get(part) ?? part) : part,
              isSpecial,
            })),
      ),
    /** The same, with what a range of each part stands for in the text. */
    placed: (text: string) =>
      placedCut(text, verbatim).flatMap(({ part, isSpecial, at }) => {
        if (isSpecial) return [{ part, isSpecial, range: () => ({ start: at, end: at + part.length }) }]
        const placed = normalisePlaced(part, at)
        return placedCut(placed.text, inNormalised).map(({ part: found, isSpecial, at: within }) => ({
          part: isSpecial ? (normalised.get(found) ?? found) : found,
          isSpecial,
          range: (from: number, to: number) =>
            isSpecial ? placed.range(within, within + found.length) : placed.range(within + from, within + to),
        }))
      }),
  }
}

/** The parts with where they begin. */
export function placedCut(text: string, special: RegExp | undefined) {
  let next = 0
  return cut(text, special).map(each => {
    const at = next
    next += each.part.length
    return { ...each, at }
  })
}

/** Matches any of the words, the longest first; undefined when there are none. */
export function alternatives(words: readonly string[]): RegExp | undefined {
  const longestFirst = [...new Set(words)].filter(word => word !== '').sort((a, b) => b.length - a.length)
  return longestFirst.length === 0 ? undefined : new RegExp(`(${longestFirst.map(RegExp.escape).join('|')})`, 'u')
}

/** Splitting by a group gives text and matches in turns. */
export const cut = (text: string, special: RegExp | undefined): { part: string; isSpecial: boolean }[] =>
  special === undefined
    ? [{ part: text, isSpecial: false }]
    : text.split(special).map((part, i) => ({ part, isSpecial: i % 2 === 1 }))

/** The special tokens and the length; special_tokens_map.json has the last word, as in the reference. */
function readSettings(folder: string) {
  const config = readSpecial(join(folder, 'tokenizer_config.json'))
  const map = readSpecial(join(folder, 'special_tokens_map.json'))
  const token = (role: SpecialRole, usual: string): SpecialToken =>
    map[role] ?? config[role] ?? { content: usual, normalized: false }
  const special = {
    bos_token: token('bos_token', '<|startoftext|>'),
    eos_token: token('eos_token', '<|endoftext|>'),
    unk_token: token('unk_token', '<|endoftext|>'),
    pad_token: token('pad_token', '<|endoftext|>'),
  }
  return { special, modelMaxLength: config.model_max_length }
}

function readSpecial(path: string): z.output<typeof settingsSchema> {
  if (!existsSync(path)) return {}
  const parsed = settingsSchema.safeParse(readJsonObject(path))
  if (parsed.success) return parsed.data
  const [{ path: key, message }] = parsed.error.issues
  throw problem(path, `${key.join('.')}: ${message}`)
}

function readMerges(path: string): MergeRanks {
  const lines = readText(path).replaceAll('\r', '').split('\n')
  const first = lines[0].startsWith('#version') ? 1 : 0
  const ranks = new Map<string, number>()
  for (let i = first; i < lines.length; i++) ranks.set(lines[i], i)
  ranks.delete('') // after the last line break
  if (ranks.size > 0) return ranks
  throw problem(path, 'it holds no merges')
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw fileProblem(error, path)
  }
}

const problem = (path: string, reason: string): Problem =>
  new Problem('TOKENIZER_FILE', `The tokenizer's file ${path} cannot be used: ${reason}.`, {
    hint: 'Download or copy the whole model again.',
  })

/** Refuses numbers of pieces of words that a model does not know, since the tokenizer is another model's.
 *  @param words how many the model knows  @param folder of the model  @throws Problem TOKENIZER_FILE */
export function refuseOtherWords(ids: readonly number[], words: number, folder: string): void {
  if (ids.every(id => id < words)) return
  const message = `The vocabulary beside ${folder} is not its own: the model knows ${words} pieces of words.`
  throw new Problem('TOKENIZER_FILE', message, { hint: 'Download or copy the whole model again.' })
}
