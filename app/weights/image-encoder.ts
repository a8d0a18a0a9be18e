import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Problem } from '../problem.ts'
import { openComponent, openWeightsIn } from './diffusers-folder.ts'
import { isJsonObject, type JsonObject, readJsonObject } from './json-file.ts'
import type { Component } from './model-source.ts'
import type { TensorEntry } from './safetensors.ts'
import { openTensorFile } from './tensor-file.ts'
import { WeightFiles } from './weight-files.ts'

/* Vision towers of CLIP, which IP-Adapters look at pictures with: a folder of transformers, or its file alone. */

type Tensors = ReadonlyMap<string, Pick<TensorEntry, 'shape'>>

const PATCHES = 'vision_model.embeddings.patch_embedding.weight'
const CLASS = 'CLIPVisionModelWithProjection'

/** Whether keys are those of a vision tower, alone or in a whole CLIP model. */
export const holdsImageEncoder = (names: Iterable<string>): boolean => [...names].includes(PATCHES)

/** How wide a vision tower's answers are. */
export interface ImageEncoderWidths {
  /** Of what it says of a whole picture. */
  readonly whole: number
  /** Of what it says of each patch. */
  readonly places: number
}

/** Reads a header alone. @throws Problem IMAGE_ENCODER, FILE_*, SAFETENSORS_* */
export function imageEncoderWidths(path: string): ImageEncoderWidths {
  const tensors = tensorsOf(path)
  return {
    whole: tensors.get('visual_projection.weight')?.shape[0] ?? 0,
    places: tensors.get(PATCHES)?.shape[0] ?? 0,
  }
}

function tensorsOf(path: string): Tensors {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  const files = isFolder ? openWeightsIn(path).files : [openTensorFile(path)]
  const tensors = new Map(files.flatMap(file => [...file.tensors]))
  if (holdsImageEncoder(tensors.keys())) return tensors
  throw new Problem('IMAGE_ENCODER', `${path} is no CLIP model that looks at pictures.`, {
    hint: 'Choose the folder "image_encoder" that came with the IP-Adapter, or its file model.safetensors.',
    details: { field: 'controls' },
  })
}

/** Opens a vision tower: a folder of transformers (of the tower or of a whole CLIP model), or a file, whose config is beside it or what shapes say.
 *  @throws Problem IMAGE_ENCODER, FILE_*, SAFETENSORS_*, JSON_FILE */
export function openImageEncoder(path: string): Component {
  const tensors = tensorsOf(path)
  const projection_dim = tensors.get('visual_projection.weight')?.shape[0] ?? 0
  if (statSync(path).isDirectory()) {
    const component = openComponent('image_encoder', CLASS, path)
    return { ...component, config: visionConfig(component.config, projection_dim) }
  }
  const beside = join(dirname(path), 'config.json')
  const said = existsSync(beside) ? readJsonObject(beside) : {}
  const isItsOwn = isJsonObject(said.vision_config) || said.model_type === 'clip_vision_model'
  const config = isItsOwn ? visionConfig(said, projection_dim) : configOf(tensors)
  const real = realpathSync(path)
  return {
    ...{ name: 'image_encoder', className: CLASS, folder: `${real} image_encoder` },
    ...{ configPath: isItsOwn ? beside : `The file ${path}`, config },
    weights: new WeightFiles(path, [{ ...openTensorFile(path), path: real }]),
  }
}

/** Of a whole model, the half that is meant; old files hold its options twice. */
function visionConfig(config: JsonObject, projection_dim: number): JsonObject {
  const half = config.vision_config_dict ?? config.vision_config
  return isJsonObject(half) ? { ...half, projection_dim } : config
}

/** What shapes do not say: published towers have 16 heads, the small ones one for each 64 numbers; OpenAI's are computed with its own activation. */
function configOf(tensors: Tensors): JsonObject {
  const [hidden_size = 0, num_channels, patch_size = 1] = tensors.get(PATCHES)?.shape ?? []
  const layers = new Set([...tensors.keys()].flatMap(name => /encoder\.layers\.(\d+)\./.exec(name)?.[1] ?? []))
  const places = (tensors.get('vision_model.embeddings.position_embedding.weight')?.shape[0] ?? 1) - 1
  const isOpenAi = hidden_size <= 1024
  return {
    ...{ hidden_size, num_channels, patch_size, num_hidden_layers: layers.size },
    intermediate_size: tensors.get('vision_model.encoder.layers.0.mlp.fc1.weight')?.shape[0],
    num_attention_heads: hidden_size < 1024 ? Math.max(1, Math.floor(hidden_size / 64)) : 16,
    image_size: Math.round(Math.sqrt(places)) * patch_size,
    projection_dim: tensors.get('visual_projection.weight')?.shape[0],
    hidden_act: isOpenAi ? 'quick_gelu' : 'gelu',
  }
}
