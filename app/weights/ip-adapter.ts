import { realpathSync, statSync } from 'node:fs'
import { Problem } from '../problem.ts'
import type { JsonObject } from './json-file.ts'
import { type Component, isFile } from './model-source.ts'
import type { SafetensorsFile, TensorEntry } from './safetensors.ts'
import { openTensorFile } from './tensor-file.ts'
import { WeightFiles } from './weight-files.ts'

/* IP-Adapters (Ye et al. 2023, arXiv:2308.06721) as they are published: `image_proj.*` makes tokens of what CLIP says of a picture, and
 * `ip_adapter.N.to_k_ip.weight`, `ip_adapter.N.to_v_ip.weight` make keys and values of them. N is 1, 3, 5 ...: the place among all attentions. */

type Tensors = ReadonlyMap<string, TensorEntry>

/** Width of a head of the resampler, which no shape says: the reference's IPAdapterPlusImageProjection has dim_head 64. */
export const HEAD_WIDTH = 64

/** Whether a file holds an IP-Adapter, of whatever form. */
export function isIPAdapter(names: Iterable<string>): boolean {
  const all = [...names]
  return all.some(name => name.startsWith('image_proj.')) && all.some(name => keyWeight.test(name))
}

const keyWeight = /^ip_adapter\.\d+\.to_k_ip\.weight$/

/** Whether a path is an IP-Adapter's file, as its keys say. @throws Problem FILE_*, SAFETENSORS_*, PICKLE_* */
export const holdsIPAdapter = (path: string): boolean =>
  isFile(path) && isIPAdapter(openTensorFile(path).tensors.keys())

/** Width of the text that the network reads beside which an IP-Adapter stands. */
export const contextWidthOf = (tensors: Tensors): number =>
  [...tensors].find(([name]) => keyWeight.test(name))?.[1].shape[1] ?? 0

/** An IP-Adapter's file. */
export interface IPAdapterFile {
  /** What makes tokens of pictures. */
  readonly projection: Component
  /** Tells its contents from others'. */
  readonly identity: string
  /** Keys and values of a place, from 0: [inside, width of the text] each. */
  readonly layers: readonly { readonly key: TensorEntry; readonly value: TensorEntry }[]
  /** Its keys and values by the paths of the layers that take them. @param paths one for each of `layers`  @param under what follows a path */
  weightsAt(paths: readonly string[], under: string): WeightFiles
}

/** Opens an IP-Adapter: its header alone is read. @throws Problem IP_ADAPTER_FORM, MODEL_FILE, FILE_*, SAFETENSORS_*, PICKLE_* */
export function openIPAdapter(path: string): IPAdapterFile {
  const real = realpathSync(path)
  const file = { ...openTensorFile(path), path: real }
  const { size, mtimeMs } = statSync(real)
  const layers = layersOf(path, file.tensors)
  return {
    projection: {
      ...{ name: 'image_proj', className: 'IPAdapter', folder: real, configPath: `The file ${path}` },
      config: configOf(path, file.tensors),
      weights: new WeightFiles(path, [only(file, name => name.startsWith('image_proj.'))]),
    },
    identity: `${real}:${size}:${mtimeMs}`,
    layers,
    weightsAt(paths, under) {
      const tensors = layers.flatMap(({ key, value }, k) => [
        { ...key, name: `${paths[k]}.${under}.to_k.weight` },
        { ...value, name: `${paths[k]}.${under}.to_v.weight` },
      ])
      return new WeightFiles(path, [{ ...file, tensors: new Map(tensors.map(entry => [entry.name, entry])) }])
    },
  }
}

function only(file: SafetensorsFile, isWanted: (name: string) => boolean): SafetensorsFile {
  const tensors = new Map([...file.tensors].filter(([name]) => isWanted(name)))
  return { ...file, tensors, byteLength: [...tensors.values()].reduce((sum, { length }) => sum + length, 0) }
}

/** Refuses files that are not whole, and forms that cannot be read. @throws Problem IP_ADAPTER_FORM, MODEL_FILE */
export function checkIPAdapter(path: string, tensors: Tensors): void {
  layersOf(path, tensors)
  configOf(path, tensors)
}

function layersOf(path: string, tensors: Tensors): IPAdapterFile['layers'] {
  const places = [...tensors.keys()]
    .filter(name => keyWeight.test(name))
    .map(name => Number(name.split('.')[1]))
    .sort((one, other) => one - other)
  return places.map(place => {
    const [key, value] = ['k', 'v'].map(letter => tensors.get(`ip_adapter.${place}.to_${letter}_ip.weight`))
    if (key !== undefined && value !== undefined) return { key, value }
    throw new Problem('MODEL_FILE', `${path} is not whole: the values of its layer ${place} are missing.`, {
      hint: 'Download it again.',
    })
  })
}

/** What shapes say of the form in which tokens are made of a picture: `app/models/ip-adapter.ts`. */
function configOf(path: string, tensors: Tensors): JsonObject {
  const width = (key: string, axis: number) => tensors.get(`image_proj.${key}`)?.shape[axis] ?? 0
  const has = (key: string) => tensors.has(`image_proj.${key}`)
  const context_width = contextWidthOf(tensors)
  if (has('proj.weight')) {
    const tokens = width('proj.weight', 0) / context_width
    return { form: 'whole', picture_width: width('proj.weight', 1), context_width, tokens }
  }
  const isOfFaces = has('perceiver_resampler.proj_in.weight') || (has('proj.2.weight') && !has('proj.3.weight'))
  if (isOfFaces) throw ofFaces(path)
  if (has('proj.3.weight')) return { form: 'places', picture_width: width('proj.0.weight', 1), context_width }
  if (!has('latents')) throw unknownForm(path)
  const blocks = new Set([...tensors.keys()].flatMap(name => /^image_proj\.layers\.(\d+)\./.exec(name)?.[1] ?? []))
  return {
    ...{ form: 'resampled', picture_width: width('proj_in.weight', 1), context_width },
    ...{ tokens: width('latents', 1), hidden_width: width('latents', 2), blocks: blocks.size },
    heads: width('layers.0.0.to_q.weight', 0) / HEAD_WIDTH,
  }
}

const ofFaces = (path: string): Problem =>
  new Problem('IP_ADAPTER_FORM', `${path} is an IP-Adapter for faces, which needs a network that recognises faces.`, {
    hint: 'Choose an IP-Adapter of the plain, the Plus or the Full form, e.g. ip-adapter-plus-face.',
    details: { field: 'controls' },
  })

const unknownForm = (path: string): Problem =>
  new Problem('IP_ADAPTER_FORM', `${path} makes tokens of pictures in a way that is not known here.`, {
    hint: 'Choose an IP-Adapter of the plain, the Plus or the Full form.',
    details: { field: 'controls' },
  })
