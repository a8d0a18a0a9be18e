import { randomInt } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Studio } from '../../app/api/studio.ts'
import { isOpen } from '../../app/library/jobs.ts'
import { openLibrary } from '../../app/library/library.ts'
import { exactJson } from '../../app/library/recipe/recipe-json.ts'
import type { Cost, Image, Job, JobCost } from '../../app/library/records.ts'
import { describeCheckpoint } from '../../app/models/describe.ts'
import { holdsUpscaler } from '../../app/models/describe-upscaler.ts'
import { withStyle } from '../../app/models/prompt/style.ts'
import { withAdditionFiles } from '../../app/operations/additions.ts'
import type { StoredParameters } from '../../app/operations/check-parameters.ts'
import { fieldsOf } from '../../app/operations/fields.ts'
import { pictureParameters } from '../../app/operations/given-pictures.ts'
import { operations } from '../../app/operations/index.ts'
import type { Operation } from '../../app/operations/operation.ts'
import { textToImage } from '../../app/operations/text-to-image.ts'
import { Problem } from '../../app/problem.ts'
import { drawingKind } from '../../app/weights/drawing-kind.ts'
import { type DrawingKind, drawingKinds, type ModelKind } from '../../app/weights/model-kinds.ts'
import { isFile } from '../../app/weights/model-source.ts'
import { openModel } from '../../app/weights/open-model.ts'
import { hasFewBits } from '../../app/weights/precision.ts'
import { fileProblem, writeFileSafely } from '../../app/weights/safe-file.ts'
import { holdsWordMasks } from '../../app/weights/word-masks.ts'
import { createEngine, type Engine } from '../engine-core.ts'
import { homeFolder } from '../home.ts'
import { logTo } from '../log-file.ts'
import { ModelShelf } from '../model-shelf.ts'
import { namingFile } from '../naming-file.ts'
import { gigabytes } from '../predictions.ts'
import { type CommandLine, flagOf, helpOf, listFlags, parseCommandLine, placesNamed } from './flags.ts'
import { outputPaths } from './outputs.ts'
import { duration, ProgressLine } from './progress-line.ts'

/** Where words and numbers go. */
export interface Terminal {
  readonly stdout: Pick<NodeJS.WriteStream, 'write'>
  readonly stderr: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>
  /** The folder that relative paths start from. */
  readonly folder: string
}

/** `generate PROMPT --flags`: draws pictures and writes them as PNG files that carry their recipe.
 *  @param models the folder of the models that come with the app
 *  @param signal ends the work at once; nothing half done is left behind
 *  @throws Problem whatever keeps it from being done; what `signal` was aborted with */
export async function generate(
  argv: readonly string[],
  models: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const at = (path: string) =>
    resolve(path) === resolve(terminal.folder, path) ? path : resolve(terminal.folder, path)
  const named = placesNamed(argv)
  const home = named.library === undefined ? homeFolder() : resolve(terminal.folder, named.library)
  const operation = operationFor(named, at, home, models)
  const line = parseCommandLine(operation, argv)
  if (line === 'help') {
    terminal.stdout.write(helpOf(operation))
    return
  }
  const { prompt } = line
  const seed = Object.hasOwn(operation.parameters.shape, 'seed') ? { seed: String(randomInt(2 ** 32)) } : {}
  const parameters: StoredParameters = { ...seed, ...line.parameters, ...(prompt !== undefined && { prompt }) }
  const count = countOf(operation, line)
  const pathsFor = (pictures: number) => outputPaths(line.out, pictures, String(parameters.seed ?? operation.id), at)
  const paths = pathsFor(count)
  const engine = await createEngine({
    home,
    models,
    keepsQueue: false,
    provider: line.provider,
    precision: line.precision,
    log: logTo(join(home, 'logs', 'command.log')),
  })
  try {
    const { studio } = engine.context
    const begun = await withPictures(operation, styled(operation, parameters, studio, line.style), studio, at)
    const withFiles = namedFiles(studio, begun, at)
    const model = modelOf(studio, line, at, operation.needs.model)
    const request = {
      operation: operation.id,
      model,
      parameters: withClassNumber(withFiles, classNamesOf(studio, model)),
    }
    await warnOfPrecision(studio, line, terminal)
    const job = await finished(studio, () => studio.submit(request), new ProgressLine(terminal.stderr), signal)
    const words = costWords(job.cost)
    // On a terminal, as progress is; for programs it stands in the JSON.
    if (words !== undefined && terminal.stderr.isTTY) terminal.stderr.write(`${words}\n`)
    // Some make as many pictures as there are things in the words.
    const places = job.images.length === count ? paths : pathsFor(job.images.length)
    for (const [k, id] of job.images.entries()) deliver(studio.image(id), places[k], engine, line, terminal)
  } finally {
    await engine.close()
  }
}

/** What draws with the model of a path, or of this id or name in the library; what is not found is taken for one that draws from words.
 *  Pictures that are named choose among the operations. */
function operationFor(
  { model, operation, ...pictures }: ReturnType<typeof placesNamed>,
  at: (path: string) => string,
  home: string,
  embedded: string,
): Operation {
  if (operation !== undefined) return operationNamed(operation)
  const kind = model === undefined ? undefined : (kindAt(at(model)) ?? kindInLibrary(model, home, embedded))
  const fitting = Object.values(operations).filter(({ makes }) => makes === undefined)
  const wanted = (['image', 'mask'] as const).filter(name => pictures[name] !== undefined)
  if (wanted.length === 0) return fitting.find(({ needs }) => needs.model === kind) ?? textToImage
  const takesAll = (each: Operation) => wanted.every(name => pictureParameters(each).includes(name))
  return fitting.find(each => each.needs.model === (kind ?? 'checkpoint') && takesAll(each)) ?? textToImage
}

/** @throws Problem COMMAND_LINE with what there is */
function operationNamed(id: string): Operation {
  const known = Object.values(operations).filter(({ makes }) => makes === undefined)
  const found = known.find(each => each.id === id)
  if (found) return found
  throw new Problem('COMMAND_LINE', `There is no operation "${id}".`, {
    hint: `There are ${known.map(each => each.id).join(', ')}.`,
  })
}

/** The parameters in a style of the library: its words on the prompts, its values where none is given. What the operation does not know stays
 *  out. @throws Problem STYLE_UNKNOWN */
export function styled(
  operation: Operation,
  parameters: Readonly<Record<string, unknown>>,
  { styles }: Pick<Studio, 'styles'>,
  name: string | undefined,
): Readonly<Record<string, unknown>> {
  if (name === undefined) return parameters
  const style = styles.get(name)
  const known = new Set(fieldsOf(operation).map(field => field.name))
  const words = (['prompt', 'negative'] as const).map(key => {
    const own = parameters[key]
    return [key, withStyle(typeof own === 'string' ? own : '', style[key])] as const
  })
  const added = [...Object.entries(style.parameters).filter(([key]) => parameters[key] === undefined), ...words]
  return { ...parameters, ...Object.fromEntries(added.filter(([key]) => known.has(key))) }
}

/** The parameters with each picture that is named by its path taken into the library. @throws Problem FILE_*, PICTURE_* */
export async function withPictures(
  operation: Operation,
  parameters: Readonly<Record<string, unknown>>,
  studio: Studio,
  at: (path: string) => string,
): Promise<Readonly<Record<string, unknown>>> {
  const kept = new Map<string, string>()
  for (const { name, widget } of fieldsOf(operation)) {
    const path = parameters[name]
    if ((widget !== 'picture' && widget !== 'mask') || typeof path !== 'string') continue
    kept.set(name, await keepNamed(studio, at(path), widget))
  }
  return { ...parameters, ...Object.fromEntries(kept) }
}

/** Takes the picture of a file into the library; what is wrong with it names the file. @returns its hash @throws Problem FILE_*, PICTURE_* */
async function keepNamed(studio: Studio, path: string, widget: 'picture' | 'mask'): Promise<string> {
  const bytes = readNamed(path)
  try {
    return (await studio.keepPicture(bytes, widget)).hash
  } catch (error) {
    throw namingFile(error, path)
  }
}

/** @throws Problem FILE_* */
function readNamed(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    throw fileProblem(error, path)
  }
}

function kindAt(path: string): DrawingKind | undefined {
  if (existsSync(join(path, 'model_index.json'))) return drawingKind(openModel(path))
  if (existsSync(path) && holdsWordMasks(path)) return 'masks'
  return isFile(path) && holdsUpscaler(path) ? 'upscaler' : undefined
}

function kindInLibrary(model: string, home: string, embedded: string): ModelKind | undefined {
  const library = openLibrary({ home, keepsQueue: false })
  const shelf = new ModelShelf(library.models, embedded)
  try {
    return shelf.list(drawingKinds).find(known => isCalled(known, model))?.kind
  } finally {
    shelf.close()
    library.close()
  }
}

const isCalled = ({ id, name }: { id: string; name: string }, word: string): boolean =>
  id === word || name.toLowerCase() === word.toLowerCase()

/** How many pictures will come, as far as that can be said before the parameters are checked. */
function countOf(operation: Operation, { parameters }: CommandLine): number {
  const { count } = parameters
  const most = fieldsOf(operation).find(({ name }) => name === 'count')?.maximum ?? 1
  return typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= most ? count : 1
}

/** What the classes of a model are called, by number; lazily, since most runs name none. @param model as `modelOf` gives it */
const classNamesOf = (studio: Studio, model: string) => (): readonly string[] => {
  const known = studio.models(drawingKinds).find(each => isCalled(each, model))
  return (known ? known.classNames : describeCheckpoint(model).classes?.names) ?? []
}

/** A class that is called by its name becomes its number. @throws Problem CLASS_UNKNOWN with the names that there are */
export function withClassNumber(
  parameters: Readonly<Record<string, unknown>>,
  namesOf: () => readonly string[],
): Readonly<Record<string, unknown>> {
  const { classLabel: word } = parameters
  if (typeof word !== 'string') return parameters
  const names = namesOf()
  const classLabel = names.findIndex(name => name.toLowerCase() === word.toLowerCase())
  if (classLabel >= 0) return { ...parameters, classLabel }
  const some = names.slice(0, 20).join(', ')
  throw new Problem('CLASS_UNKNOWN', `No class of this model is called ${JSON.stringify(word)}.`, {
    hint:
      some === ''
        ? 'Give its number: this model names none.'
        : `There are ${some}${names.length > 20 ? ' and more' : ''}.`,
  })
}

/** The model with this id or name, or of this path; where none is named the embedded one of a kind, else another of that kind.
 *  @throws Problem MODEL_NONE */
export function modelOf(
  studio: Studio,
  { model }: Pick<CommandLine, 'model'>,
  at: (path: string) => string,
  kind: DrawingKind = 'checkpoint',
): string {
  const known = studio.models(drawingKinds)
  if (model !== undefined) return known.some(each => isCalled(each, model)) ? model : at(model)
  const ofKind = known.filter(each => each.kind === kind && each.problem === undefined)
  const usual = ofKind.find(each => each.embedded) ?? (kind === 'checkpoint' ? undefined : ofKind[0])
  if (usual) return usual.id
  if (kind === 'masks') {
    throw new Problem('MODEL_NONE', 'There is no model here that finds in pictures what words say.', {
      hint: 'Add a CLIPSeg, such as the folder of CIDAS/clipseg-rd64-refined, in Models, or name it with --model.',
    })
  }
  const embedded = known.find(each => each.embedded)
  if (embedded) return embedded.id
  throw new Problem('MODEL_NONE', 'No model came with this copy of Sfumato.', {
    hint: 'Name the folder of one with --model.',
  })
}

/** The id or name of a model of this kind in the library as it is; else the file of this path, if there is one. */
export function additionOf(studio: Studio, reference: string, kind: ModelKind, at: (path: string) => string): string {
  const isKnown = studio.models([kind]).some(({ id, name }) => id === reference || name === reference)
  return !isKnown && existsSync(at(reference)) ? at(reference) : reference
}

/** The parameters with the paths of files, where they name some; other names, and ids of pictures, are the library's. */
export const namedFiles = (
  studio: Studio,
  parameters: StoredParameters,
  at: (path: string) => string,
): StoredParameters =>
  withAdditionFiles(withClipAt(parameters, at), (name, kind) => {
    if (kind !== 'picture') return additionOf(studio, name, kind, at)
    return existsSync(at(name)) ? at(name) : name
  })

/** The parameters with the CLIP model that guides, which is named by its path alone. */
function withClipAt(parameters: StoredParameters, at: (path: string) => string): StoredParameters {
  const { guideModel } = parameters
  return typeof guideModel === 'string' && guideModel !== ''
    ? { ...parameters, guideModel: at(guideModel) }
    : parameters
}

/** Says so where a precision gains no time here; it still takes less memory, so it is no refusal. */
async function warnOfPrecision(studio: Studio, { precision }: CommandLine, { stderr }: Terminal): Promise<void> {
  if (precision === undefined || !hasFewBits(precision)) return
  const offer = (await studio.precisions()).find(each => each.precision === precision)
  if (offer?.offered === false) stderr.write(`--precision ${JSON.stringify(precision)}: ${offer.words}\n`)
}

/** "Took 43 s and 1.2 GB of memory; 40 s and 1.1 GB were predicted." */
export function costWords(cost: JobCost | undefined): string | undefined {
  if (cost?.took === undefined) return undefined
  const words = ({ seconds, bytes }: Cost) =>
    [
      ...(seconds === undefined ? [] : [duration(seconds)]),
      ...(bytes === undefined ? [] : [`${gigabytes(bytes)} of memory`]),
    ].join(' and ')
  const predicted = words(cost.predicted)
  return `Took ${words(cost.took)}${predicted === '' ? '' : `; predicted: ${predicted}`}.`
}

/** Submits a job and waits for its end, showing how far it is. @returns the job, done
 *  @throws Problem what it failed with; what `signal` was aborted with */
export async function finished(
  studio: Studio,
  submit: () => Job,
  progress: Pick<ProgressLine, 'show' | 'clear'>,
  signal: AbortSignal,
): Promise<Job> {
  const events = studio.events(signal)
  try {
    const { id } = submit()
    for await (const event of events) {
      if (event.type === 'progress' && event.jobId === id) progress.show(event.progress)
      if (event.type !== 'job' || event.job.id !== id || isOpen(event.job)) continue
      if (event.job.state === 'done') return event.job
      throw failure(event.job)
    }
    signal.throwIfAborted()
    throw new Problem('ENGINE_ENDED', 'The engine ended before the picture was done.', { hint: 'Try again.' })
  } finally {
    progress.clear()
  }
}

const failure = ({ state, problem }: Job): Problem =>
  problem
    ? new Problem(problem.code, problem.message, { hint: problem.hint })
    : new Problem('JOB_ENDED', `The job was ${state}.`)

/** Writes a picture where it was wanted, and says so. */
function deliver(
  { hash, recipe, cost }: Image,
  file: string,
  engine: Engine,
  { json }: CommandLine,
  { stdout }: Terminal,
): void {
  const blob = engine.blobPath(hash)
  if (!blob || !recipe) throw new Problem('PICTURE_GONE', `The picture for ${file} is no longer in the library.`)
  try {
    writeFileSafely(file, [readFileSync(blob.path)])
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const hint = `${error.hint ?? ''} The picture itself is safe in the library: ${blob.path}.`
    throw new Problem(error.code, error.message, { hint: hint.trim(), cause: error })
  }
  const { seed } = recipe
  stdout.write(json ? `${exactJson({ file, seed, recipe, ...(cost && { cost }) })}\n` : `${file} (seed ${seed})\n`)
}

/** A problem as the command line says it: one sentence and what to do, the flag first where one is at fault; lists have no flag of their name. */
export function sentenceOf(problem: Problem): string {
  const field = problem.details?.field
  return typeof field === 'string' && field !== 'prompt' && !Object.hasOwn(listFlags, field)
    ? `${flagOf({ name: field })}: ${problem.sentence}`
    : problem.sentence
}
