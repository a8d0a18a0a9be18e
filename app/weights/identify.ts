import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { openDiffusersFolder, openWeightsIn } from './diffusers-folder.ts'
import { drawingKind } from './drawing-kind.ts'
import { wordOf } from './embedding.ts'
import { saidEstimator } from './estimator.ts'
import { holdsImageEncoder } from './image-encoder.ts'
import { checkIPAdapter, contextWidthOf, isIPAdapter } from './ip-adapter.ts'
import { aboutLearnedPicture, isLearnedPicture } from './learned-picture.ts'
import type { ModelKind } from './model-kinds.ts'
import { aboutOf, type ModelAbout } from './model-metadata.ts'
import type { ModelSource } from './model-source.ts'
import { looksLikeOnnx, type OnnxFile, openOnnx } from './onnx-file.ts'
import { fileProblem } from './safe-file.ts'
import type { SafetensorsFile, TensorEntry } from './safetensors.ts'
import { segmenterOf } from './segmenter.ts'
import { type BaseFamily, contextWidths, layoutOf } from './single-file/layout.ts'
import { controlNetFamily } from './single-file/networks.ts'
import { isT2IAdapter } from './single-file/t2i-adapter.ts'
import { openTensorFile } from './tensor-file.ts'
import { isUpscaler } from './upscaler.ts'
import type { WeightFiles } from './weight-files.ts'
import { findsWords } from './word-masks.ts'

/** What a model is, as its keys, shapes and metadata say; its name plays no part. */
export interface Identity extends ModelAbout {
  readonly kind: ModelKind
  readonly family: BaseFamily
  /** How most of the bytes are stored: "fp16", "fp32", "bf16", "fp8_e4m3" ... */
  readonly precision: string
  readonly bytes: number
}

/** Identifies a model: a file, a folder of diffusers, or the folder of one of its parts. Reads headers and small files alone.
 *  @throws Problem FILE_*, SAFETENSORS_*, PICKLE_*, MODEL_FOLDER, JSON_FILE: what cannot be opened */
export function identify(path: string): Identity {
  try {
    if (statSync(path).isDirectory()) return identifyFolder(path)
    return isOnnx(path) ? identifyNetwork(openOnnx(path)) : identifyFile(openTensorFile(path))
  } catch (error) {
    throw fileProblem(error, path)
  }
}

/** A file that says it is ONNX is told why it is none. */
const isOnnx = (path: string): boolean => looksLikeOnnx(path) || /\.onnx$/i.test(path)

/** Networks that come as a graph of their own look at pictures: for depth, for poses, or for objects; nothing else is used as one.
 *  @throws Problem SEGMENTER_* */
function identifyNetwork(file: OnnxFile): Identity {
  const said = saidEstimator(file)
  if (said === undefined) segmenterOf(file)
  const kind = said === undefined ? 'segmenter' : (`${said}-network` as const)
  return { kind, family: 'unknown', precision: 'ONNX', bytes: file.byteLength, triggerWords: [] }
}

/** Identifies an opened file. */
export function identifyFile(file: SafetensorsFile): Identity {
  const [kind, family] = kindOf(file)
  const said = aboutOf(file.metadata)
  return { kind, family, precision: precisionOf([file]), bytes: file.byteLength, ...said, ...calledBy(file, kind) }
}

/** What calls it, whatever else is said: an embedding its own word, a learned picture the words that it was learned with. */
function calledBy(file: SafetensorsFile, kind: ModelKind): Partial<ModelAbout> {
  if (kind === 'embedding') return { triggerWords: [wordOf(file.path, [...file.tensors.keys()])] }
  return kind === 'learned-picture' ? { triggerWords: [aboutLearnedPicture(file).words] } : {}
}

/** How most of the bytes are stored, in the field's words. */
export function precisionOf(files: readonly Pick<SafetensorsFile, 'tensors'>[]): string {
  const bytes = new Map<string, number>()
  for (const { tensors } of files) {
    for (const { dtype, length } of tensors.values()) bytes.set(dtype, (bytes.get(dtype) ?? 0) + length)
  }
  const [dtype = 'F32'] = [...bytes].sort(([, a], [, b]) => b - a)[0] ?? []
  return dtype.toLowerCase().replace(/^f(?=\d)/, 'fp')
}

type Keys = ReadonlyMap<string, TensorEntry>

/** A LoRA's keys, in the words of the programs that train them: kohya, peft, diffusers; LyCORIS' relatives too. */
const loraKey =
  /(?:\blora_(?:up|down|mid|A|B)\b|\.lora\.(?:up|down)\.|_lora\.(?:up|down)\.|\blora_linear_layer\b|\.(?:hada_w[12]|lokr_w[12]|oft_blocks|oft_diag|dora_scale|diff_b)(?:_[ab])?$)/

function kindOf(file: SafetensorsFile): [ModelKind, BaseFamily] {
  const keys: Keys = file.tensors
  const names = [...keys.keys()]
  if (isLearnedPicture(file)) return ['learned-picture', textFamily(keys, /attn2\.to_k\.(?:lora_A\.)?weight$/)]
  // Those for faces hold a LoRA too, and are refused here.
  if (isIPAdapter(names)) return ['ip-adapter', ipAdapterFamily(file)]
  if (names.some(name => loraKey.test(name))) return ['lora', loraFamily(file)]
  const has = (key: string) => keys.has(key)
  const hint = ['control_model.input_hint_block.0.weight', 'input_hint_block.0.weight']
  if (hint.some(has) || has('controlnet_cond_embedding.conv_in.weight')) return ['controlnet', controlNetFamily(file)]
  if (isT2IAdapter(names)) return ['t2i-adapter', adapterFamily(keys)]
  if (findsWords(names)) return ['masks', 'unknown']
  if (has('classifier.weight') && has('time_embedding.linear_1.weight')) return ['classifier', 'unknown']
  const layout = layoutOf(file)
  if (layout !== undefined) return ['checkpoint', layout.family]
  const embedding = embeddingFamily(keys)
  if (embedding !== undefined) return ['embedding', embedding]
  if (isAutoencoder(names)) return ['vae', autoencoderFamily(keys)]
  const isTower = holdsImageEncoder(names) && !isTextEncoder(names)
  if (isTower) return ['image-encoder', 'unknown']
  if (isTextEncoder(names)) return ['text-encoder', 'unknown']
  return [isUpscaler(names) ? 'upscaler' : 'unknown', 'unknown']
}

/** The kind of a denoising network in the reference's layout. */
function networkFamily(keys: Keys): BaseFamily {
  if (keys.has('single_transformer_blocks.0.attn.to_q.weight')) return 'flux'
  if (keys.has('pos_embed.proj.weight')) return keys.has('context_embedder.weight') ? 'sd3' : 'unknown'
  return textFamily(keys, /attn2\.to_k\.weight$/)
}

/** @throws Problem IP_ADAPTER_FORM, MODEL_FILE */
function ipAdapterFamily({ path, tensors }: SafetensorsFile): BaseFamily {
  checkIPAdapter(path, tensors)
  return contextWidths[contextWidthOf(tensors)] ?? 'unknown'
}

/** The kind of model that reads text as wide as a parameter of this name takes. */
function textFamily(keys: Keys, pattern: RegExp): BaseFamily {
  for (const [name, { shape }] of keys) if (pattern.test(name)) return contextWidths[shape[1] ?? 0] ?? 'unknown'
  return 'unknown'
}

/** What a LoRA was trained for: its metadata says so, or the names and widths of what it changes. */
function loraFamily(file: SafetensorsFile): BaseFamily {
  const said = `${file.metadata.ss_base_model_version ?? ''} ${file.metadata['modelspec.architecture'] ?? ''}`
  if (/flux/i.test(said)) return 'flux'
  if (/sd_?3|stable-diffusion-3/i.test(said)) return 'sd3'
  if (/xl/i.test(said)) return 'sdxl'
  const names = [...file.tensors.keys()]
  const some = (pattern: RegExp) => names.some(name => pattern.test(name))
  if (some(/double_blocks|single_blocks|single_transformer_blocks/)) return 'flux'
  if (some(/joint_blocks|transformer\.transformer_blocks/)) return 'sd3'
  if (some(/^lora_te2_|text_encoder_2|^lora_te1_/)) return 'sdxl'
  return textFamily(file.tensors, /attn2[._]to_k[._](?:lora[._])?(?:lora_)?(?:down|A)\b.*weight$/)
}

/** Stable Diffusion XL's adapters see squares of 16 x 16 pixels, those of Stable Diffusion 1 of 8 x 8; no small one was published for XL. */
const adapterFamily = (keys: Keys): BaseFamily =>
  [256, 768].some(seen => [...keys].some(([name, { shape }]) => name.endsWith('conv_in.weight') && shape[1] === seen))
    ? 'sdxl'
    : 'sd1'

/** An embedding has a few vectors and nothing else: under a name of its programs (A1111, SDXL's pair), or under its own token. */
function embeddingFamily(keys: Keys): BaseFamily | undefined {
  if (keys.has('clip_l') && keys.has('clip_g')) return 'sdxl'
  const entry = keys.get('emb_params') ?? [...keys.entries()].find(([key]) => /^string_to_param\./.test(key))?.[1]
  const [[name, only] = ['', undefined]] = keys.size === 1 ? [...keys.entries()] : []
  const vectors = entry ?? only
  if (vectors === undefined || vectors.shape.length === 0 || vectors.shape.length > 2) return undefined
  const width = vectors.shape.at(-1) ?? 0
  const rows = vectors.shape.length === 1 ? 1 : vectors.shape[0]
  // A lone tensor is an embedding where a known text encoder has its width, or where its name is written as tokens are.
  const isToken = contextWidths[width] !== undefined || /^<.+>$/.test(name)
  if (entry === undefined && (rows > 128 || !isToken)) return undefined
  return contextWidths[width] ?? 'unknown'
}

const anyOf = (names: readonly string[], ...patterns: readonly RegExp[]): boolean =>
  names.some(name => patterns.some(pattern => pattern.test(name)))

/** CompVis' and the reference's autoencoders, and the tiny ones that draw previews. */
const isAutoencoder = (names: readonly string[]): boolean =>
  anyOf(names, /^(?:first_stage_model\.|vae\.)?decoder\.(?:conv_in|mid)\b/) ||
  (anyOf(names, /^decoder\.layers\.\d+\./) && anyOf(names, /^encoder\.layers\.\d+\.(?:conv|weight)/))

/** Latents of 16 channels are Stable Diffusion 3's or Flux'; which, no shape says. */
function autoencoderFamily(keys: Keys): BaseFamily {
  const channels = [...keys].find(([name]) => name.endsWith('decoder.conv_in.weight'))?.[1].shape[1]
  return channels === 4 ? 'sd1' : 'unknown'
}

const isTextEncoder = (names: readonly string[]): boolean =>
  anyOf(
    names,
    /(?:^|\.)embeddings\.token_embedding\.weight$/,
    /(?:^|\.)encoder\.block\.0\.layer\.0\.SelfAttention\.q\.weight$/,
    /(?:^|\.)transformer\.resblocks\.0\.attn\.in_proj_weight$/,
  )

function identifyFolder(path: string): Identity {
  if (existsSync(join(path, 'model_index.json'))) return identifyModel(openDiffusersFolder(path))
  const weights = openWeightsIn(path)
  const all = new Map(weights.files.flatMap(file => [...file.tensors]))
  const [kind, family] = kindOf({ ...weights.files[0], tensors: all })
  const about = { family, ...storedAs([weights]), ...aboutOf(weights.files[0].metadata) }
  // A denoising network's folder is a part of a model: its file can be used by itself.
  return { kind: kind === 'checkpoint' ? 'unknown' : kind, ...about }
}

/** A whole model in a folder, whose kind its network tells. */
function identifyModel(model: ModelSource): Identity {
  const parts = [...model.components.values()].filter(
    ({ name, className }) => className !== undefined && /^(?:unet|transformer|vae|text_encoder)/.test(name),
  )
  const weights = parts.map(({ folder }) => openWeightsIn(folder))
  const index = parts.findIndex(({ name }) => name === 'unet' || name === 'transformer')
  const family = index < 0 ? 'unknown' : networkFamily(new Map(weights[index].files.flatMap(file => [...file.tensors])))
  return { kind: drawingKind(model), family, ...storedAs(weights), triggerWords: [] }
}

function storedAs(weights: readonly WeightFiles[]) {
  const files = weights.flatMap(each => each.files)
  return { precision: precisionOf(files), bytes: weights.reduce((sum, { byteLength }) => sum + byteLength, 0) }
}
