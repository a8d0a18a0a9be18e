import { createHash } from 'node:crypto'
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { ModelInfo } from '../app/api/contract.ts'
import type { ModelTable } from '../app/library/models.ts'
import { type ClipTokenizer, openClipTokenizer } from '../app/models/clip-tokenizer.ts'
import { checkpointHash } from '../app/models/content-hash.ts'
import { describeCheckpoint } from '../app/models/describe.ts'
import type { ModelDescription } from '../app/models/description.ts'
import { Problem } from '../app/problem.ts'
import { openDiffusersFolder } from '../app/weights/diffusers-folder.ts'

/** A model that jobs can name. */
export interface ShelfModel {
  readonly id: string
  readonly path: string
  readonly embedded: boolean
}

/** What was read of a model's small files, for as long as its files are the same. */
interface Known {
  readonly fingerprint: string
  readonly description: ModelDescription | Problem
  tokenizer?: ClipTokenizer
  hash?: Promise<string>
}

/** The models of this computer: those that come with the app, and those that the person used once. They stay where they lie. */
export class ModelShelf {
  readonly #table: ModelTable
  readonly #folder: string | undefined
  readonly #known = new Map<string, Known>()
  readonly #closing = new AbortController()

  /** @param folder holds the models that come with the app, a folder each */
  constructor(table: ModelTable, folder: string | undefined) {
    this.#table = table
    this.#folder = folder
  }

  list(): ModelInfo[] {
    return this.#all().map(model => this.#info(model))
  }

  /** A model by its id, its name, or its path; one that is named by its path is remembered.
   *  @throws Problem MODEL_UNKNOWN */
  find(reference: string): ShelfModel {
    const all = this.#all()
    const known =
      all.find(model => model.id === reference) ??
      all.find(model => this.#nameOf(model).toLowerCase() === reference.toLowerCase()) ??
      this.#byPath(reference, all)
    if (known) return known
    const names = all.map(model => this.#nameOf(model)).join(', ')
    throw new Problem('MODEL_UNKNOWN', `There is no model "${reference}" on this computer.`, {
      hint: names === '' ? 'Give the path of the folder of a model.' : `Choose ${names}, or the path of its folder.`,
    })
  }

  /** @throws Problem whatever keeps it from being used, as `describeCheckpoint` says it */
  describe({ path }: ShelfModel): ModelDescription {
    const { description } = this.#look(path)
    if (description instanceof Problem) throw description
    return description
  }

  /** Changes when the model's files do. */
  fingerprint({ path }: ShelfModel): string {
    return this.#look(path).fingerprint
  }

  /** The hash of its weights, computed once. @throws Problem when they cannot be read */
  hash({ path }: ShelfModel): Promise<string> {
    const known = this.#look(path)
    known.hash ??= checkpointHash(path, this.#table.fileHashes, this.#closing.signal)
    return known.hash
  }

  /** @throws Problem when it cannot be read */
  tokenizer(model: ShelfModel): ClipTokenizer {
    const known = this.#look(model.path)
    known.tokenizer ??= openClipTokenizer(openDiffusersFolder(model.path).component('tokenizer').folder, {
      maxLength: this.describe(model).promptTokens,
    })
    return known.tokenizer
  }

  /** Stops reading files. */
  close(): void {
    this.#closing.abort()
  }

  #all(): ShelfModel[] {
    const embedded = this.#embedded()
    const others = this.#table.list().filter(({ path }) => !embedded.some(model => model.path === path))
    return [...embedded, ...others.map(({ id, path }) => ({ id, path, embedded: false }))]
  }

  #embedded(): ShelfModel[] {
    const folder = this.#folder
    if (folder === undefined || !existsSync(folder)) return []
    const paths = readdirSync(folder).map(name => join(realpathSync(folder), name))
    return paths
      .filter(path => existsSync(join(path, 'model_index.json')))
      .map(path => ({ id: basename(path), path, embedded: true }))
  }

  #byPath(reference: string, all: readonly ShelfModel[]): ShelfModel | undefined {
    if (!existsSync(reference)) return undefined
    const given = realpathSync(resolve(reference))
    const path = basename(given) === 'model_index.json' ? dirname(given) : given
    const known = all.find(model => model.path === path)
    if (known) return known
    const model = { id: `folder-${sha256(path).slice(0, 16)}`, path, embedded: false }
    // Only what can be used is worth remembering; what is wrong with the rest is said at once.
    this.describe(model)
    this.#table.remember(model)
    return model
  }

  #nameOf({ path }: ShelfModel): string {
    const { description } = this.#look(path)
    return description instanceof Problem ? basename(path) : description.name
  }

  #info(model: ShelfModel): ModelInfo {
    const { id, path, embedded } = model
    const { description } = this.#look(path)
    if (description instanceof Problem) {
      const defaults = { width: 0, height: 0, steps: 0, guidance: 0, sampler: '' }
      const unknown = { bytes: 0, precision: '', defaults, sizeMultiple: 1, promptTokens: 0, examples: [] }
      return { id, name: basename(path), kind: 'checkpoint', path, embedded, ...unknown, problem: description.sentence }
    }
    const { name, bytes, precision, defaults, sizeMultiple, promptTokens, examples } = description
    const said = { bytes, precision, defaults, sizeMultiple, promptTokens, examples: [...examples] }
    return { id, name, kind: 'checkpoint', path, embedded, ...said }
  }

  #look(path: string): Known {
    const fingerprint = fingerprintOf(path)
    const last = this.#known.get(path)
    if (last?.fingerprint === fingerprint) return last
    const known = { fingerprint, description: describeOrSay(path) }
    this.#known.set(path, known)
    return known
  }
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

/** Names, sizes and times of a model's files, two folders deep, as one hash: some twenty look-ups. */
function fingerprintOf(path: string): string {
  const lines: string[] = []
  const visit = (folder: string, depth: number) => {
    for (const entry of safely(() => readdirSync(folder).sort()) ?? []) {
      const file = join(folder, entry)
      const found = safely(() => statSync(file))
      if (found?.isDirectory() && depth > 0) visit(file, depth - 1)
      else lines.push(`${file} ${found?.size} ${found?.mtimeMs}`)
    }
  }
  visit(path, 1)
  return sha256(lines.join('\n'))
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

function safely<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
