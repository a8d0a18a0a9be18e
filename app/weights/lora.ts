import { existsSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Problem } from '../problem.ts'
import { type Shape, sizeOf } from '../tensor/tensor.ts'
import { isJsonObject, type JsonObject, jsonObjectIn, readJsonObject } from './json-file.ts'
import { ldmNames } from './ldm-names.ts'
import { type AdaptedNetwork, type FactorName, otherMethod, parseAdapterKey } from './lora-keys.ts'
import { authorsPlaces, factorsOfRows, type LayerPlace, type Rows } from './lora-places.ts'
import { fileProblem } from './safe-file.ts'
import { openSafetensors, readTensor, type SafetensorsFile, type TensorEntry } from './safetensors.ts'
import type { WeightFiles } from './weight-files.ts'

/** A tensor of an adapter's file. */
export interface Factor {
  /** Its name in the file. */
  readonly key: string
  /** As the file has it. */
  readonly shape: Shape
}

/** A matrix: given, or as a product of two thin ones. */
export type Matrix = { readonly whole: Factor } | { readonly a: Factor; readonly b: Factor; readonly core?: Factor }

/** What is added to the weight W [out, in, ..kernel] of one layer: strength * scale * D, where D is
 *  low-rank: up * down, with `mid` a convolution of rank x rank between them (LoCon);
 *  hadamard: (first.a * first.b) times (second.a * second.b) element by element (LoHa), with `core` a Tucker decomposition;
 *  kronecker: the Kronecker product of first and second (LoKr), or some rows of it.
 *  With a magnitude m [out] (DoRA) the sum is brought to the length m for each output: m * (W + s D) / |W + s D|. */
export type WeightDelta = { readonly scale: number; readonly magnitude?: Factor } & (
  | { readonly kind: 'low-rank'; readonly down: Factor; readonly up: Factor; readonly mid?: Factor }
  | { readonly kind: 'hadamard'; readonly first: Matrix; readonly second: Matrix }
  | { readonly kind: 'kronecker'; readonly first: Matrix; readonly second: Matrix; readonly rows?: Rows }
)

/** An adapter's file, read up to its header. */
export interface LoraFile {
  /** As the person chose it. */
  readonly label: string
  /** With its real path: links are followed. */
  readonly file: SafetensorsFile
  /** Tells apart what stood in the file: path, size, time of change. */
  readonly identity: string
  /** Factors by network and layer, under the names of the file. */
  readonly layers: ReadonlyMap<AdaptedNetwork, ReadonlyMap<string, ReadonlyMap<FactorName, Factor>>>
  /** Keys of no known layout. */
  readonly unknown: readonly string[]
}

/** An adapter fitted to one network. */
export interface FittedLora {
  /** Its file also has the parts of tensors that were cut, under keys of their own. */
  readonly lora: LoraFile
  readonly network: AdaptedNetwork
  /** By the path of the layer in the network. */
  readonly deltas: ReadonlyMap<string, WeightDelta>
  /** Layers of the file that this network does not have, under the names of the file. */
  readonly unmatched: readonly string[]
}

/** Opens an adapter: LoRA, LoCon, LoHa, LoKr, with or without DoRA, as kohya's trainer, LyCORIS, diffusers and peft write them.
 *  @throws Problem LORA_METHOD for other methods, LORA_FILE where it is no adapter, SAFETENSORS_*, FILE_* */
export function openLora(path: string): LoraFile {
  const file = openSafetensors(path)
  const layers = new Map<AdaptedNetwork, Map<string, Map<FactorName, Factor>>>()
  const unknown: string[] = []
  for (const { name: key, shape } of file.tensors.values()) {
    const method = otherMethod(key)
    if (method !== undefined) {
      throw new Problem('LORA_METHOD', `${path} holds ${method} ("${key}"), which is not computed here.`, {
        hint: 'Use an adapter of another kind: LoRA, LoCon, LoHa, LoKr and DoRA are read.',
      })
    }
    const parsed = parseAdapterKey(key)
    if (parsed === undefined) {
      unknown.push(key)
      continue
    }
    const network = layers.get(parsed.network) ?? new Map<string, Map<FactorName, Factor>>()
    const factors = network.get(parsed.layer) ?? new Map<FactorName, Factor>()
    layers.set(parsed.network, network.set(parsed.layer, factors.set(parsed.factor, { key, shape })))
  }
  if (layers.size === 0) {
    const found = unknown.length === 0 ? 'it is empty' : `it holds "${unknown[0]}"`
    throw new Problem('LORA_FILE', `${path} is no LoRA: ${found}.`, {
      hint: 'Choose a LoRA for Stable Diffusion in .safetensors.',
    })
  }
  return { label: path, ...realFile(path, file), layers, unknown }
}

function realFile(path: string, file: SafetensorsFile): Pick<LoraFile, 'file' | 'identity'> {
  try {
    const real = realpathSync(path)
    const { size, mtimeMs } = statSync(real)
    return { file: { ...file, path: real }, identity: `${real}:${size}:${mtimeMs}` }
  } catch (error) {
    throw fileProblem(error, path)
  }
}

/** Layers of a network that can be adapted, with the shapes of their weights: [out, in] or [out, in, height, width]. Text encoders
 *  are named without the `text_model.` that older files put before all. */
export function layersOf(weights: WeightFiles): ReadonlyMap<string, Shape> {
  const layers = new Map<string, Shape>()
  for (const key of weights.keys()) {
    const shape = weights.find(key)?.entry.shape ?? []
    if (key.endsWith('.weight') && shape.length >= 2) {
      layers.set(key.slice(0, -'.weight'.length).replace(/^text_model\./, ''), shape)
    }
  }
  return layers
}

/** Finds the layers of a network that an adapter changes. undefined: the file has nothing for this network.
 *  @throws Problem LORA_BASE where it was made for another base model; LORA_LAYOUT where it changes what are several layers of this
 *  model in a way that cannot be cut; LORA_FACTORS where the file is not whole */
export function fitLora(
  lora: LoraFile,
  network: AdaptedNetwork,
  layers: ReadonlyMap<string, Shape>,
): FittedLora | undefined {
  const own = lora.layers.get(network)
  if (own === undefined) return undefined
  const names = namesInFiles(layers, network)
  const alphas = configuredAlphas(lora, network)
  const deltas = new Map<string, WeightDelta>()
  const unmatched: string[] = []
  const tensors = new Map<string, TensorEntry>(lora.file.tensors)
  for (const [name, whole] of own) {
    const places = names.get(name) ?? []
    if (places.length === 0) unmatched.push(name)
    for (const { path, rows } of places) {
      const { factors, cut } = rows ? cutFactors(lora, name, whole, rows) : { factors: whole, cut: [] }
      for (const entry of cut) tensors.set(entry.name, entry)
      const layer = { lora, name, factors, shape: layers.get(path) ?? [], alphas }
      deltas.set(path, deltaOf(rows ? { ...layer, rows } : layer))
    }
  }
  if (deltas.size === 0) {
    throw otherBase(lora, `it changes "${unmatched[0]}", which the ${network} of this model does not have`)
  }
  return { lora: { ...lora, file: { ...lora.file, tensors } }, network, deltas, unmatched }
}

/** @throws Problem LORA_LAYOUT, LORA_BASE */
function cutFactors(lora: LoraFile, name: string, factors: ReadonlyMap<FactorName, Factor>, rows: Rows) {
  if (factors.has('hada_t1') || factors.has('hada_t2')) {
    throw new Problem(
      'LORA_LAYOUT',
      `${lora.label} changes "${name}", several layers of this model, by a core tensor.`,
      {
        hint: 'Convert it to the layout of diffusers ("transformer.transformer_blocks...."), or choose another LoRA.',
      },
    )
  }
  const found = factorsOfRows(lora.file, factors, rows)
  if (found !== undefined) return found
  const shapes = [...factors.values()].map(({ shape }) => `[${shape}]`).join(' and ')
  throw otherBase(lora, `its "${name}" has factors ${shapes}, which do not fit the ${rows.of} outputs in this model`)
}

const otherBase = (lora: LoraFile, reason: string): Problem =>
  new Problem('LORA_BASE', `${lora.label} belongs to another base model: ${reason}.`, {
    hint: 'Choose a LoRA that was made for this kind of model (Stable Diffusion 1.5, 2.1, XL ...).',
  })

/** Layers by every name that a file may give them. Kohya's names are found by flattening ours: `_` stands for dots and for itself. */
function namesInFiles(
  layers: ReadonlyMap<string, Shape>,
  network: AdaptedNetwork,
): ReadonlyMap<string, readonly LayerPlace[]> {
  const original = network === 'unet' ? ldmNames([...layers.keys()]) : new Map<string, string>()
  const names = new Map<string, readonly LayerPlace[]>()
  const add = (name: string, places: readonly LayerPlace[]) =>
    names.set(name, places).set(name.replaceAll('.', '_'), places)
  if (network === 'unet') for (const [name, places] of authorsPlaces(layers)) add(name, places)
  for (const path of layers.keys()) {
    const inText = network === 'unet' ? undefined : `text_model.${path}`
    for (const name of [path, inText, original.get(path)]) if (name !== undefined) add(name, [{ path }])
  }
  return names
}

interface LayerInFile {
  readonly lora: LoraFile
  readonly name: string
  readonly factors: ReadonlyMap<FactorName, Factor>
  /** Of the layer's weight. */
  readonly shape: Shape
  /** Set where the layer is a part of the file's. */
  readonly rows?: Rows
  readonly alphas: ConfiguredAlphas
}

function deltaOf(layer: LayerInFile): WeightDelta {
  const { factors, shape, rows } = layer
  const has = (name: FactorName) => factors.has(name)
  const magnitude = factors.get('magnitude')
  if (magnitude !== undefined) checkMagnitude(layer, magnitude)
  const common = magnitude === undefined ? {} : { magnitude }
  if (has('down') || has('up')) {
    const [down, up, mid] = [need(layer, 'down'), need(layer, 'up'), factors.get('mid')]
    const rank = down.shape[0]
    const [out, inputs, kernel] = [shape[0], shape[1], sizeOf(shape.slice(2))]
    const fits = mid
      ? sizeOf(down.shape) === rank * inputs && sizeOf(mid.shape) === up.shape[1] * rank * kernel
      : sizeOf(down.shape) === rank * inputs * kernel && up.shape[1] === rank
    if (!fits || up.shape[0] !== out || sizeOf(up.shape) !== out * up.shape[1]) throw misfit(layer, [down, up])
    return { kind: 'low-rank', down, up, ...(mid && { mid }), ...common, scale: scaleOf(layer, rank) }
  }
  const [first, second] = has('hada_w1_a')
    ? [matrix(layer, 'hada_w1', 'hada_t1'), matrix(layer, 'hada_w2', 'hada_t2')]
    : [matrix(layer, 'lokr_w1'), matrix(layer, 'lokr_w2', 'lokr_t2')]
  const kind = has('hada_w1_a') ? 'hadamard' : 'kronecker'
  const sizes = [first, second].map(sizeOfMatrix)
  const outputs = (kind === 'kronecker' && rows?.of) || shape[0]
  const whole = outputs * sizeOf(shape.slice(1))
  const fits =
    kind === 'hadamard'
      ? sizes.every(([rows, columns]) => rows === outputs && rows * columns === whole)
      : sizes[0][0] * sizes[1][0] === outputs && sizes[0][0] * sizes[0][1] * sizes[1][0] * sizes[1][1] === whole
  if (!fits) throw misfit(layer, [...factors.values()].filter(({ shape }) => shape.length > 1).slice(0, 2))
  const scale = scaleOf(layer, rankOf([second, first]))
  if (kind === 'hadamard') return { kind, first, second, ...common, scale }
  return { kind, first, second, ...(rows && { rows }), ...common, scale }
}

function need(layer: LayerInFile, name: FactorName): Factor {
  const factor = layer.factors.get(name)
  if (factor !== undefined) return factor
  const found = [...layer.factors.values()].map(({ key }) => key).join('", "')
  throw new Problem('LORA_FACTORS', `${layer.lora.label} has "${found}", but its "${name}" is missing.`, {
    hint: 'Download or copy it again.',
  })
}

function matrix(layer: LayerInFile, name: 'hada_w1' | 'hada_w2' | 'lokr_w1' | 'lokr_w2', core?: FactorName): Matrix {
  const whole = name === 'lokr_w1' || name === 'lokr_w2' ? layer.factors.get(name) : undefined
  if (whole !== undefined) return { whole }
  const middle = core && layer.factors.get(core)
  return { a: need(layer, `${name}_a`), b: need(layer, `${name}_b`), ...(middle && { core: middle }) }
}

/** Rows, and columns times the elements of a kernel. */
function sizeOfMatrix(matrix: Matrix): readonly [number, number] {
  if ('whole' in matrix) return [matrix.whole.shape[0], sizeOf(matrix.whole.shape.slice(1))]
  const { a, b, core } = matrix
  if (core !== undefined) return [a.shape[1], b.shape[1] * sizeOf(core.shape.slice(2))]
  return [a.shape[0], sizeOf(b.shape.slice(1))]
}

const rankOf = (matrices: readonly Matrix[]): number | undefined =>
  matrices.flatMap(matrix => ('b' in matrix ? [matrix.b.shape[0]] : []))[0]

function misfit({ lora, name, shape }: LayerInFile, factors: readonly Factor[]): Problem {
  const found = factors.map(factor => `[${factor.shape}]`).join(' and ')
  return otherBase(lora, `its "${name}" has factors ${found}, which do not fit the weight [${shape}] of this model`)
}

/** Only lengths for each output are computed; LyCORIS can also scale each input, with as many numbers as there are inputs. */
function checkMagnitude({ lora, name, shape }: LayerInFile, magnitude: Factor): void {
  const [out] = shape
  const byOutput = sizeOf(magnitude.shape) === out
  const byInput =
    magnitude.shape.length === shape.length && magnitude.shape[0] === 1 && /dora_scale$/.test(magnitude.key)
  if (byOutput && !(byInput && out !== 1)) return
  throw new Problem(
    'LORA_METHOD',
    `${lora.label} holds DoRA lengths [${magnitude.shape}] for the inputs of "${name}", which are not computed here.`,
    { hint: 'Use an adapter whose DoRA lengths stand for the outputs ("wd_on_output"), or a plain LoRA.' },
  )
}

/** alpha / rank; 1 where the file gives no alpha, or the layer has no rank because both its matrices are whole. */
function scaleOf({ lora, name, factors, alphas }: LayerInFile, rank: number | undefined): number {
  const alpha = factors.get('alpha')
  const own = alpha && rank !== undefined ? readTensor(lora.file, alpha.key)[0] / rank : 1
  const scale = alpha === undefined ? alphas(name, rank) : own
  if (Number.isFinite(scale)) return scale
  throw new Problem('LORA_FACTORS', `${lora.label} gives "${name}" an alpha or a rank that is no number above 0.`, {
    hint: 'Download or copy it again.',
  })
}

/** The factor before a layer's delta, from what the trainer wrote beside the weights. */
type ConfiguredAlphas = (layer: string, rank: number | undefined) => number

/** peft's configuration: in the file's metadata (diffusers, `lora_adapter_metadata`), or in adapter_config.json beside adapter_model. */
function configuredAlphas({ label, file }: LoraFile, network: AdaptedNetwork): ConfiguredAlphas {
  const config = peftConfig(label, file, network)
  const alpha = config.lora_alpha ?? config.alpha
  if (typeof alpha !== 'number') return () => 1
  const patterns = isJsonObject(config.alpha_pattern) ? Object.entries(config.alpha_pattern) : []
  return (layer, found) => {
    const rank = found ?? (typeof config.r === 'number' ? config.r : 1)
    const [, own] = patterns.find(([name]) => layer === name || layer.endsWith(`.${name}`)) ?? []
    return (typeof own === 'number' ? own : alpha) / (config.use_rslora === true ? Math.sqrt(rank) : rank)
  }
}

function peftConfig(path: string, { metadata }: SafetensorsFile, network: AdaptedNetwork): JsonObject {
  const beside = join(dirname(path), 'adapter_config.json')
  if (basename(path) === 'adapter_model.safetensors' && existsSync(beside)) return readJsonObject(beside)
  const { lora_adapter_metadata: text } = metadata
  if (text === undefined) return {}
  const all = parsedMetadata(path, text)
  const prefix = new RegExp(network === 'unet' ? '^(?:unet|transformer)\\.' : `^${network}\\.`)
  return Object.fromEntries(
    Object.entries(all).flatMap(([key, value]) => (prefix.test(key) ? [[key.replace(prefix, ''), value]] : [])),
  )
}

function parsedMetadata(path: string, text: string): JsonObject {
  const value = jsonObjectIn(text)
  if (value !== undefined) return value
  throw new Problem('LORA_FILE', `${path} has "lora_adapter_metadata" that is not sound JSON.`, {
    hint: 'Download or copy it again.',
  })
}
