import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { ImportReport, ModelInfo } from '../app/api/contract.ts'
import type { PromptQuestion } from '../app/api/studio.ts'
import type { ModelRow, ModelTable } from '../app/library/models.ts'
import { checkpointHash, fileHash } from '../app/models/content-hash.ts'
import type { ModelDescription } from '../app/models/description.ts'
import type { PromptReader } from '../app/models/prompt/count-tokens.ts'
import { Problem } from '../app/problem.ts'
import { findModels } from '../app/weights/find-models.ts'
import { type Identity, identify } from '../app/weights/identify.ts'
import { controlKinds, drawingKinds, type ModelKind, modelKinds } from '../app/weights/model-kinds.ts'
import { isFile } from '../app/weights/model-source.ts'
import { sidePicture, sidePictureUrl } from '../app/weights/side-picture.ts'
import { sideWords } from '../app/weights/side-words.ts'
import { KnownModels } from './known-models.ts'
import { builtInFeatures, builtInJoints, builtInMasks, fingerprintOf, safely, sha256 } from './model-files.ts'
import {
  draws,
  drawsAlone,
  fileName,
  idOf,
  learnedBy,
  missing,
  nameOfRow,
  noDefaults,
  placeOf,
  type ShelfModel,
  saidBy,
  toldApartBy,
  unknownAddition,
  withoutName,
} from './model-naming.ts'
import { Segmenters } from './segmenters.ts'

export type { ShelfModel } from './model-naming.ts'

/** The models of this computer: those that come with the app, and those that the person imported or used once. They stay where they lie. */
export class ModelShelf {
  readonly #table: ModelTable
  readonly #folder: string | undefined
  readonly #known = new KnownModels()
  readonly #segmenters = new Segmenters()
  readonly #closing = new AbortController()
  #hashing: Promise<void> | undefined
  #ownParts: ModelRow[] | undefined

  /** @param folder holds the models that come with the app, a folder each */
  constructor(table: ModelTable, folder: string | undefined) {
    this.#table = table
    this.#folder = folder
  }

  /** @param kinds default: checkpoints alone */
  list(kinds: readonly ModelKind[] = ['checkpoint']): ModelInfo[] {
    const embedded = this.#embedded().map(model => this.#checkpointInfo(model))
    const rows = this.#rows().filter(({ identity }) => kinds.includes(identity?.kind ?? 'unknown'))
    // What draws from words comes first: a page that knows nothing yet takes the first.
    const fitting = drawingKinds.flatMap(kind => embedded.filter(model => model.kind === kind && kinds.includes(kind)))
    return [...fitting, ...rows.map(row => this.#info(row))]
  }

  /** A model that draws, by its id, its name, or its path; one that is named by its path is remembered.
   *  @throws Problem MODEL_UNKNOWN */
  find(reference: string): ShelfModel {
    const all = this.#checkpoints()
    const known =
      all.find(model => model.id === reference) ??
      all.find(model => this.#nameOf(model).toLowerCase() === reference.toLowerCase()) ??
      this.#byPath(reference, all)
    if (known) return known
    const names = all.map(model => this.#nameOf(model)).join(', ')
    throw new Problem('MODEL_UNKNOWN', `There is no model "${reference}" on this computer.`, {
      hint:
        names === ''
          ? 'Give the path of a model, a file or a folder.'
          : `Choose ${names}, or the path of a file or folder.`,
    })
  }

  /** A model that draws, by its id; nothing is read. */
  known(id: string): ShelfModel | undefined {
    return this.#checkpoints().find(model => model.id === id)
  }

  /** Adds models in place: files, folders of models, and whole folders of other programs. What cannot be used is told, and the rest added.
   *  @throws Problem FILE_*, MODELS_TOO_MANY for a path that cannot be looked through */
  async import(paths: readonly string[]): Promise<ImportReport> {
    const found = paths.flatMap(path => findModels(resolve(path)))
    const imported = new Set<string>()
    const refused: ImportReport['refused'] = []
    for (const path of new Set(found)) {
      try {
        imported.add(this.#remember(path).path)
      } catch (error) {
        if (!(error instanceof Problem)) throw error
        // Folders of other programs hold networks for many things; one that was named itself is told what it is.
        if (error.code !== 'SEGMENTER_KIND' || paths.includes(path)) refused.push({ path, problem: error.sentence })
      }
      // Headers of a thousand files take seconds; other calls are answered meanwhile.
      await setImmediate()
    }
    this.hashInBackground()
    const models = this.list(modelKinds).filter(({ path }) => imported.has(path))
    return { found: found.length, models, refused }
  }

  /** The picture that lies beside a model, as a data URL. */
  picture(id: string): string | undefined {
    const path = this.#table.list().find(row => row.id === id)?.path
    return path === undefined ? undefined : sidePictureUrl(path)
  }

  /** Finds a model again whose files were moved: where they lie now, or a folder that holds them. They must be the same, by their hash, or
   *  where that was not computed yet by their size and what their headers say; the model keeps its id.
   *  @throws Problem MODEL_UNKNOWN, MODEL_DIFFERENT, FILE_* */
  async locate(id: string, given: string): Promise<ModelInfo> {
    const row = this.#rows().find(each => each.id === id)
    if (row === undefined) {
      throw new Problem('MODEL_UNKNOWN', `There is no model ${JSON.stringify(id)} in the library.`)
    }
    const candidates = findModels(resolve(given)).map(placeOf)
    for (const path of candidates) {
      if (!(await this.#isSame(row, path))) continue
      this.#table.relocate(id, path, fingerprintOf(path))
      const found = this.list(modelKinds).find(model => model.id === id)
      if (found) return found
    }
    const what = candidates.length === 1 ? `${candidates[0]} is another model` : `${given} does not hold the model`
    throw new Problem('MODEL_DIFFERENT', `${what} than ${nameOfRow(row)}: its size or its content differs.`, {
      hint: 'Choose the file that was moved; another model can be added as a new one.',
    })
  }

  async #isSame({ identity, hash }: ModelRow, path: string): Promise<boolean> {
    const found = safely(() => identify(path))
    if (found === undefined || (identity !== undefined && found.bytes !== identity.bytes)) return false
    if (hash !== undefined) return hash === (await this.#hashOf(path, found))
    return identity !== undefined && isDeepStrictEqual(withoutName(identity), withoutName(found))
  }

  /** Of a model that draws in a folder that of all its weights, of anything else its file's. */
  #hashOf(path: string, identity: Identity): Promise<string> {
    const computed = draws(identity) && !isFile(path) ? checkpointHash : fileHash
    return computed(path, this.#table.fileHashes, this.#closing.signal)
  }

  /** Forgets models that were imported; their files stay. @returns the ids that were known */
  remove(ids: readonly string[]): string[] {
    return this.#table.forget(ids)
  }

  /** @throws Problem whatever keeps it from being used, as `describeCheckpoint` says it */
  describe({ path }: ShelfModel): ModelDescription {
    return this.#known.describe(path)
  }

  /** Changes when the model's files do. */
  fingerprint({ path }: ShelfModel): string {
    return this.#known.look(path).fingerprint
  }

  /** The hash of its weights, computed once. @throws Problem when they cannot be read */
  hash({ path }: ShelfModel): Promise<string> {
    const known = this.#known.look(path)
    known.hash ??= checkpointHash(path, this.#table.fileHashes, this.#closing.signal)
    return known.hash
  }

  /** The path of something that is put beside a model (a LoRA, an embedding, a VAE), by its id, its name, its file's name, or its path.
   *  Among several of one name it is the first that was added.
   *  @param kind what it must be, where a name is given @throws Problem ADDITION_UNKNOWN, FILE_MISSING */
  addition(reference: string, kind: ModelKind): string {
    const rows = this.#rowsOf(kind)
    const byId = rows.find(({ id, path }) => id === reference || path === reference)
    if (byId) return byId.path
    const wanted = reference.toLowerCase()
    const called = ({ path, identity }: ModelRow) => [identity?.title, fileName(path), basename(path)]
    const byName = rows.find(row => called(row).some(name => name?.toLowerCase() === wanted))
    if (byName) return byName.path
    if (existsSync(reference)) return placeOf(reference)
    throw unknownAddition(reference, kind, rows.map(nameOfRow))
  }

  /** The files of a network that finds objects, by the id of one of them. @throws Problem MODEL_UNKNOWN, SEGMENTER_*, ONNX_FILE, FILE_* */
  segmenter(id: string) {
    const row = this.#rows().find(each => each.id === id && each.identity?.kind === 'segmenter')
    if (row === undefined) {
      throw new Problem('MODEL_UNKNOWN', `There is no network ${JSON.stringify(id)} that finds objects.`, {
        hint: 'Choose another one in the options of the wand.',
      })
    }
    return this.#segmenters.networks(row.path, this.pathsOf('segmenter'))
  }

  /** The files of a kind that are still there. */
  pathsOf(kind: ModelKind): string[] {
    return this.placesOf(kind).filter(isFile)
  }

  /** The files and folders that are still there and can stand where a kind is asked for: for ControlNets adapters, too. */
  placesOf(kind: ModelKind): string[] {
    const rows = this.#rowsOf(kind)
    return rows.map(({ path }) => path).filter(path => existsSync(path))
  }

  /** CLIP models that look at pictures: the person's, then the one that comes with the app. */
  get imageEncoders(): string[] {
    const own = this.featureNetwork
    return [...this.placesOf('image-encoder'), ...(own === undefined ? [] : [own])]
  }

  /** The hash of its weights: of a file its SHA-256; of a folder, as of a model, that of its files' hashes.
   *  @throws Problem when they cannot be read */
  async additionHash(path: string): Promise<string> {
    const { signal } = this.#closing
    if (!statSync(path).isDirectory()) return fileHash(path, this.#table.fileHashes, signal)
    const folder = existsSync(join(path, 'model_index.json')) ? join(path, 'vae') : path
    const files = readdirSync(folder).filter(name => name.endsWith('.safetensors'))
    const hashes = await Promise.all(
      files.sort().map(name => fileHash(join(folder, name), this.#table.fileHashes, signal)),
    )
    return sha256(hashes.join(''))
  }

  /** What reads a model's prompts: where it has several text encoders, the one with the longest window.
   *  @param embeddings words that were learned, and are used beside it
   *  @throws Problem when it cannot be read; ADDITION_UNKNOWN, EMBEDDING_* */
  tokenizer({ path }: ShelfModel, embeddings: PromptQuestion['embeddings'] = []): PromptReader {
    return this.#known.tokenizer(path, embeddings, name => this.addition(name, 'embedding'))
  }

  /** Computes the hashes that are missing, one file after the other; a file that cannot be read is left without. */
  hashInBackground(): void {
    this.#hashing ??= this.#hashAll().finally(() => {
      this.#hashing = undefined
    })
  }

  /** Stops reading files. */
  close(): void {
    this.#closing.abort()
  }

  async #hashAll(): Promise<void> {
    const { signal } = this.#closing
    for (const { id, path, identity, fingerprint, hash } of this.#table.list()) {
      if (hash !== undefined || identity === undefined || fingerprint === undefined) continue
      try {
        const digest = await this.#hashOf(path, identity)
        if (signal.aborted) return
        this.#table.setHash(id, fingerprint, digest)
      } catch {
        if (signal.aborted) return
      }
    }
  }

  #checkpoints(): ShelfModel[] {
    const others = this.#rows().filter(({ identity }) => identity === undefined || draws(identity))
    return [...this.#embedded(), ...others.map(({ id, path }) => ({ id, path, embedded: false }))]
  }

  /** What can stand where something of a kind is asked for. */
  #rowsOf(kind: ModelKind): ModelRow[] {
    const kinds = kind === 'controlnet' ? controlKinds : [kind]
    return this.#rows().filter(({ identity }) => identity !== undefined && kinds.includes(identity.kind))
  }

  /** The person's models, those that changed looked at anew. */
  #rows(): ModelRow[] {
    const parts = this.#parts()
    const own = new Set([...this.#embedded(), ...parts].map(({ path }) => path))
    const rows = this.#table.list().filter(({ path }) => !own.has(path))
    return [...parts, ...rows.map(row => this.#refreshed(row))]
  }

  /** What comes with the app to stand beside its models: ControlNets. They are in no table, since nobody can remove them. */
  #parts(): ModelRow[] {
    this.#ownParts ??= this.#ownFolders()
      .filter(path => !drawsAlone(path))
      .map(path => ({
        ...{ id: basename(path), path, hash: undefined },
        ...{ identity: safely(() => identify(path)), fingerprint: fingerprintOf(path) },
      }))
      // What helps the app alone is nothing to choose.
      .filter(({ identity }) => identity !== undefined && identity.kind !== 'unknown')
    return this.#ownParts
  }

  #refreshed(row: ModelRow): ModelRow {
    const fingerprint = fingerprintOf(row.path)
    if (row.identity !== undefined && row.fingerprint === fingerprint) return row
    try {
      const identity = identify(row.path)
      this.#table.remember({ id: row.id, path: row.path, identity, fingerprint })
      return { ...row, identity, fingerprint, hash: undefined }
    } catch {
      // It is gone or broken now: it keeps its place, and what is wrong with it is said where it is described.
      return row
    }
  }

  /** The built-in network that pictures are measured with, a folder; undefined where the app came without models. */
  get featureNetwork(): string | undefined {
    const path = this.#folder && builtInFeatures(this.#folder)
    return path && existsSync(path) ? path : undefined
  }

  /** The built-in network that finds the joints of characters, a folder; undefined where the app came without models. */
  get poseNetwork(): string | undefined {
    const path = this.#folder && builtInJoints(this.#folder)
    return path && existsSync(path) ? path : undefined
  }

  #embedded(): ShelfModel[] {
    return this.#ownFolders()
      .filter(drawsAlone)
      .map(path => ({ id: this.#ownId(path), path, embedded: true }))
  }

  /** The folders that come with the app. */
  #ownFolders(): string[] {
    const folder = this.#folder
    if (folder === undefined || !existsSync(folder)) return []
    const models = readdirSync(folder).map(name => join(realpathSync(folder), name))
    return [...models, ...models.map(builtInMasks).filter(path => existsSync(path))]
  }

  /** What comes with the app is called by its folder; what belongs to a model also by that. */
  #ownId(path: string): string {
    const model = dirname(path)
    return this.#folder === undefined || model === realpathSync(this.#folder)
      ? basename(path)
      : `${basename(model)}-${basename(path)}`
  }

  #byPath(reference: string, all: readonly ShelfModel[]): ShelfModel | undefined {
    if (!existsSync(reference)) return undefined
    const path = placeOf(reference)
    const known = all.find(model => model.path === path)
    if (known) return known
    const model = { id: idOf(path), path, embedded: false }
    // Only what can be used is worth remembering; what is wrong with the rest is said at once.
    this.describe(model)
    return { ...this.#remember(path), embedded: false }
  }

  /** @throws Problem what keeps it from being any kind of model */
  #remember(given: string): { id: string; path: string } {
    const path = placeOf(given)
    const identity = identify(path)
    if (identity.kind === 'unknown') {
      throw new Problem('MODEL_KIND', `${path} is no kind of model that is known here.`, {
        hint: 'Checkpoints, LoRAs, embeddings, ControlNets, IP-Adapters, VAEs, text encoders, image encoders, upscalers and networks that find objects, poses or depth (ONNX) or what words say (CLIPSeg) are.',
      })
    }
    // One that was found again keeps the id that it had elsewhere.
    const id = this.#table.list().find(row => row.path === path)?.id ?? idOf(path)
    const model = { id, path, identity, fingerprint: fingerprintOf(path) }
    this.#table.remember(model)
    return model
  }

  #nameOf({ path }: ShelfModel): string {
    const { description } = this.#known.look(path)
    return description instanceof Problem ? fileName(path) : description.name
  }

  #info(row: ModelRow): ModelInfo {
    const { id, path, hash, identity } = row
    if (identity === undefined) {
      return { ...this.#checkpointInfo({ id, path, embedded: false }), ...(!existsSync(path) && missing(path)) }
    }
    const { kind, bytes, precision } = identity
    const beside = sidePicture(path) === undefined ? {} : { hasPicture: true }
    const words = kind === 'lora' ? sideWords(path) : undefined
    const said = {
      ...saidBy(identity),
      ...(words && { triggerWords: words }),
      ...(hash !== undefined && { hash }),
      ...beside,
    }
    if (draws(identity)) {
      const info = this.#checkpointInfo({ id, path, embedded: false })
      const gone = existsSync(path) ? {} : missing(path)
      return { ...info, kind, ...(info.problem !== undefined && { bytes, precision }), ...said, ...gone }
    }
    const gone = existsSync(path) ? {} : missing(path)
    const name = nameOfRow(row)
    const embedded = this.#parts().includes(row)
    const halves = kind === 'segmenter' ? this.#segmenters.describe(path, this.pathsOf('segmenter')) : {}
    const own = kind === 'learned-picture' ? learnedBy(path) : kind === 'classifier' ? toldApartBy(path) : {}
    return { ...noDefaults, id, name, path, embedded, kind, bytes, precision, ...said, ...halves, ...own, ...gone }
  }

  #checkpointInfo(model: ShelfModel): ModelInfo {
    const { id, path, embedded } = model
    const { description } = this.#known.look(path)
    if (description instanceof Problem) {
      const problem = description.sentence
      return { ...noDefaults, id, name: fileName(path), kind: 'checkpoint', path, embedded, problem }
    }
    const { name, kind, bytes, precision, defaults, sizeMultiple, beside, samplers, promptTokens, examples } =
      description
    const { licence, classes, mergedFrom } = description
    const lacks = this.#known.lacked(path, this.#table.list())
    const said = { bytes, precision, defaults, sizeMultiple, beside, samplers, promptTokens, examples: [...examples] }
    return {
      ...{ id, name, kind, path, embedded, ...said },
      ...(licence !== undefined && { licence }),
      ...(mergedFrom !== undefined && { mergedFrom }),
      ...(lacks.length > 0 && { lacks: lacks.map(part => ({ ...part, files: [...part.files] })) }),
      ...(classes && { classes: classes.count, ...(classes.names && { classNames: [...classes.names] }) }),
    }
  }
}
