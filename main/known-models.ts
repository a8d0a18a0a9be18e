import type { PromptQuestion } from '../app/api/studio.ts'
import type { ModelRow } from '../app/library/models.ts'
import { type LearnedWord, openClipTokenizer } from '../app/models/clip-tokenizer.ts'
import { describeCheckpoint } from '../app/models/describe.ts'
import { holdsUpscaler } from '../app/models/describe-upscaler.ts'
import type { ModelDescription } from '../app/models/description.ts'
import { t5Part } from '../app/models/parts.ts'
import type { PromptReader } from '../app/models/prompt/count-tokens.ts'
import { openT5Tokenizer } from '../app/models/t5-tokenizer.ts'
import { Problem } from '../app/problem.ts'
import { type LackedPart, lackedParts } from '../app/weights/companions.ts'
import { openEmbedding } from '../app/weights/embedding.ts'
import { isFile } from '../app/weights/model-source.ts'
import { openModel } from '../app/weights/open-model.ts'
import { clipVocabulary, t5Vocabulary } from '../app/weights/single-file/vocabulary.ts'
import { holdsWordMasks } from '../app/weights/word-masks.ts'
import { fingerprintOf } from './model-files.ts'

/** What was read of a checkpoint's small files, for as long as its files are the same. */
interface Known {
  readonly fingerprint: string
  readonly description: ModelDescription | Problem
  tokenizer?: PromptReader
  /** The one with learned words that was asked for last. */
  learnedTokenizer?: { readonly key: string; readonly reader: PromptReader }
  hash?: Promise<string>
  /** With what it was looked for in. */
  lacked?: { readonly key: string; readonly parts: LackedPart[] }
}

/** What was read of models that draw, by their paths; read again when their files change. */
export class KnownModels {
  readonly #known = new Map<string, Known>()

  /** @throws Problem whatever keeps it from being used, as `describeCheckpoint` says it */
  describe(path: string): ModelDescription {
    const { description } = this.look(path)
    if (description instanceof Problem) throw description
    return description
  }

  /** What reads its prompts. @param fileOf the file of a learned word, by its name */
  tokenizer(path: string, embeddings: PromptQuestion['embeddings'], fileOf: (name: string) => string): PromptReader {
    const known = this.look(path)
    if (embeddings.length === 0) {
      known.tokenizer ??= openPromptReader(path, this.describe(path))
      return known.tokenizer
    }
    const key = JSON.stringify(embeddings)
    if (known.learnedTokenizer?.key === key) return known.learnedTokenizer.reader
    const learned = embeddings.map(({ model: name, word }) => {
      const embedding = openEmbedding(fileOf(name), word)
      return { word: embedding.word, vectors: Object.values(embedding.vectors)[0]?.rows ?? 1 }
    })
    const reader = openPromptReader(path, this.describe(path), learned)
    known.learnedTokenizer = { key, reader }
    return reader
  }

  /** What a model's file lacks, looked up again when it or what the library has beside it changes. */
  lacked(path: string, rows: readonly ModelRow[]): LackedPart[] {
    const known = this.look(path)
    if (!isFile(path) || holdsUpscaler(path) || holdsWordMasks(path)) return []
    const beside = rows.filter(({ identity }) => identity?.kind === 'text-encoder' || identity?.kind === 'vae')
    const key = beside.map(({ path, fingerprint }) => `${path} ${fingerprint}`).join('\n')
    if (known.lacked?.key !== key) {
      const model = openModel(path)
      const parts = lackedParts(model, kind => beside.flatMap(row => (row.identity?.kind === kind ? [row.path] : [])))
      known.lacked = { key, parts }
    }
    return known.lacked.parts
  }

  /** What was read, read anew where the files changed. */
  look(path: string): Known {
    const fingerprint = fingerprintOf(path)
    const last = this.#known.get(path)
    if (last?.fingerprint === fingerprint) return last
    const known = { fingerprint, description: describeOrSay(path) }
    this.#known.set(path, known)
    return known
  }
}

function openPromptReader(
  path: string,
  { promptTokens }: ModelDescription,
  learned: readonly LearnedWord[] = [],
): PromptReader {
  const folder = openModel(path)
  // A text encoder that a model lacks comes with the published vocabulary.
  const folderOf = (name: string, published: () => string) =>
    folder.components.has(name) ? folder.component(name).folder : published()
  const part = t5Part(folder)
  if (part === undefined) {
    return openClipTokenizer(folderOf('tokenizer', clipVocabulary), { maxLength: promptTokens, learned })
  }
  return { t5: openT5Tokenizer(folderOf(part.tokenizer, t5Vocabulary)), window: promptTokens }
}

function describeOrSay(path: string): ModelDescription | Problem {
  try {
    return describeCheckpoint(path)
  } catch (error) {
    if (error instanceof Problem) return error
    // One spoiled model must not take the list of all of them away.
    const hint = 'Download or copy the model again.'
    return new Problem('MODEL_UNREADABLE', `The model in ${path} cannot be read.`, { hint, cause: error })
  }
}
