import { Problem } from '../../problem.ts'
import { isJsonObject } from '../../weights/json-file.ts'
import type { HubFile } from './hub.ts'
import type { Precision } from './records.ts'
import { isPlainPath } from './reference.ts'

/** Which files of a repository make a model. Weights are safetensors alone: pickles could run code, and what other frameworks read is no use here. */

const indexName = 'model_index.json'

/** Whether a repository is a diffusers folder. */
export const hasIndex = (files: readonly HubFile[]): boolean => files.some(({ path }) => path === indexName)

/** The files of a diffusers folder: its index, card and licence, and of each component the small files and one variant of the weights.
 *  @param index what its model_index.json holds
 *  @throws Problem MODEL_FOLDER, WEIGHTS_PICKLE, WEIGHTS_FILE */
export function folderFiles(id: string, files: readonly HubFile[], index: unknown, precision: Precision): HubFile[] {
  const components = componentsOf(id, index)
  const parts = components.flatMap(({ name, isNeeded }) => componentFiles(id, name, files, precision, isNeeded))
  return [...files.filter(({ path }) => path === indexName || isAboutModel.test(path)), ...parts]
}

/** A repository that is one component (a ControlNet, a VAE): config.json and one variant of the weights; undefined if it is none. */
export function componentAtRoot(id: string, files: readonly HubFile[], precision: Precision): HubFile[] | undefined {
  const hasConfig = files.some(({ path }) => path === 'config.json')
  if (!hasConfig || variantsOf('', files).length === 0) return undefined
  return [...files.filter(({ path }) => isAboutModel.test(path)), ...componentFiles(id, '', files, precision, true)]
}

/** The single file of weights in a repository that holds one.
 *  @throws Problem WEIGHTS_PICKLE, WEIGHTS_FILE, REFERENCE naming the files when there are several */
export function onlyFile(id: string, files: readonly HubFile[]): HubFile {
  const [first, ...others] = files.filter(({ path }) => path.endsWith('.safetensors') && isPlainPath(path))
  if (first === undefined) throw noWeights(id, '', files)
  if (others.length === 0) return first
  const names = [first, ...others].slice(0, 6).map(({ path }) => `${id}/${path}`)
  throw new Problem('REFERENCE', `${id} holds ${others.length + 1} files of weights and is no folder of a model.`, {
    hint: `Name one of them: ${names.join(', ')}${others.length >= 6 ? ' ...' : ''}.`,
  })
}

const isAboutModel = /^(README\.md|LICEN[CS]E(\.md|\.txt)?)$/i

/** Components that other programs can do without. */
const optional = ['safety_checker', 'image_encoder', 'feature_extractor']

function componentsOf(id: string, index: unknown): { name: string; isNeeded: boolean }[] {
  const fail = () =>
    new Problem('MODEL_FOLDER', `${indexName} of ${id} does not list the parts of a model.`, {
      hint: 'Choose another model.',
    })
  if (!isJsonObject(index)) throw fail()
  const names = Object.entries(index).flatMap(([name, value]) =>
    !name.startsWith('_') && Array.isArray(value) && value.length === 2 && typeof value[1] === 'string' ? [name] : [],
  )
  if (names.length === 0 || !names.every(name => /^\w[\w-]*$/.test(name))) throw fail()
  return names.map(name => ({ name, isNeeded: !optional.includes(name) }))
}

/** What programs read beside the weights: configs, vocabularies, merges, sentence pieces. */
const isSmallFile = (name: string) => /\.(json|txt|model)$/.test(name) && !/\.index(\.[\w-]+)?\.json$/.test(name)
const largestSmallFile = 64 * 2 ** 20

function componentFiles(
  id: string,
  component: string,
  files: readonly HubFile[],
  precision: Precision,
  isNeeded: boolean,
): HubFile[] {
  const inside = filesIn(component, files)
  const small = inside.filter(
    ({ name, file }) => isSmallFile(name) && (file.size ?? 0) <= largestSmallFile && isPlainPath(file.path),
  )
  const [best] = variantsOf(component, files).sort((a, b) => rank(a, precision) - rank(b, precision))
  if (best) return [...small.map(({ file }) => file), ...best.files]
  const onlyOthers = inside.some(({ name }) => isOtherWeights.test(name))
  if (onlyOthers && isNeeded) throw noWeights(id, component, files)
  // A scheduler or a tokenizer has none; an optional part without usable weights is left out whole.
  return onlyOthers ? [] : small.map(({ file }) => file)
}

const isOtherWeights = /\.(bin|ckpt|pt|pth|msgpack|onnx|onnx_data|h5|gguf)$/i

const filesIn = (component: string, files: readonly HubFile[]) => {
  const folder = component === '' ? '' : `${component}/`
  return files.flatMap(file => {
    const name = file.path.slice(folder.length)
    return file.path.startsWith(folder) && !name.includes('/') ? [{ name, file }] : []
  })
}

/** A complete set of weights: one file, or an index with its shards. */
interface Variant {
  readonly name: string | undefined
  readonly files: readonly HubFile[]
}

/** As diffusers and transformers write them: model.safetensors, diffusion_pytorch_model.fp16.safetensors,
 *  model-00001-of-00002.safetensors, model.fp16-00001-of-00002.safetensors, model-00001-of-00002.fp16.safetensors */
const weightName =
  /^(?:diffusion_pytorch_model|model)(?:\.(?<variant>[\w]+))?(?<shard>-\d{5}-of-(?<count>\d{5}))?(?:\.(?<late>[\w]+))?\.safetensors$/
const indexOf =
  /^(?:diffusion_pytorch_model|model)(?:\.(?<early>\w+))?\.safetensors\.index(?:\.(?<variant>\w+))?\.json$/

function variantsOf(component: string, files: readonly HubFile[]): Variant[] {
  const inside = filesIn(component, files).filter(({ file }) => isPlainPath(file.path))
  const weights = inside.flatMap(({ name, file }) => {
    const groups = weightName.exec(name)?.groups
    return groups ? [{ variant: groups.variant ?? groups.late, count: groups.count && Number(groups.count), file }] : []
  })
  const whole = weights
    .filter(({ count }) => count === undefined)
    .map(({ variant, file }) => ({ name: variant, files: [file] }))
  const indexes = inside.flatMap(({ name, file }) => {
    const groups = indexOf.exec(name)?.groups
    return groups ? [{ variant: groups.variant ?? groups.early, file }] : []
  })
  const sharded = indexes.flatMap(({ variant, file }) => {
    const shards = weights.filter(each => each.count !== undefined && each.variant === variant)
    const isWhole = shards.length > 0 && shards.every(({ count }) => count === shards.length)
    return isWhole ? [{ name: variant, files: [file, ...shards.map(shard => shard.file)] }] : []
  })
  return [...whole, ...sharded]
}

/** The order in which variants are wanted; undefined is the plain one, which most models store as fp32. */
const wanted: Readonly<Record<Precision, readonly (string | undefined)[]>> = {
  fp16: ['fp16', 'bf16', undefined, 'fp32'],
  fp32: ['fp32', undefined, 'bf16', 'fp16'],
}

function rank({ name, files }: Variant, precision: Precision): number {
  const place = wanted[precision].indexOf(name)
  // Other variants (non_ema) come last; one file before shards of the same.
  return (place < 0 ? wanted[precision].length : place) * 2 + (files.length > 1 ? 1 : 0)
}

function noWeights(id: string, component: string, files: readonly HubFile[]): Problem {
  const what = component === '' ? id : `The ${component} of ${id}`
  const pickle = filesIn(component, files).find(({ name }) => /\.(bin|ckpt|pt|pth)$/i.test(name))
  return pickle
    ? new Problem(
        'WEIGHTS_PICKLE',
        `${what} has its weights only as ${pickle.name}, a pickle, which could run code; it is not fetched.`,
        {
          hint: 'Look for a version of this model with .safetensors files.',
        },
      )
    : new Problem('WEIGHTS_FILE', `${what} holds no .safetensors weights.`, { hint: 'Choose another model.' })
}
