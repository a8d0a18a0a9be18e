import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Problem } from '../problem.ts'
import type { Shape } from '../tensor/tensor.ts'
import { openComponent, openDiffusersFolder } from './diffusers-folder.ts'
import { type JsonObject, jsonObjectIn, readJsonObject } from './json-file.ts'
import { type Component, checkClass } from './model-source.ts'
import { writeFileSafely, writeFolderSafely } from './safe-file.ts'
import { writeSafetensors } from './safetensors.ts'
import { openControlNetFile } from './single-file/single-file.ts'
import { openTensorFile } from './tensor-file.ts'
import { openWeightFile } from './weight-files.ts'

const NAME = 'controlnet'
const CLASS = 'ControlNetModel'

/** Where a file's metadata may hold the config of its network, as JSON: shapes do not say how many heads an attention has. */
export const CONFIG_METADATA = 'config'

/** Opens a ControlNet: its folder (with config.json), a model's folder that has one, or a file of one, whose config is in its metadata, in the
 *  config.json beside it, or read from its shapes (a layout of its authors, or the reference's keys).
 *  @throws Problem FILE_MISSING, COMPONENT_*, MODEL_FILE, FILE_*, SAFETENSORS_*, JSON_FILE */
export function openControlNet(path: string): Component {
  const state = statSync(path, { throwIfNoEntry: false })
  if (state === undefined) throw new Problem('FILE_MISSING', `${path} does not exist.`, { hint: 'Check the path.' })
  if (!state.isDirectory()) return openFile(path)
  if (!existsSync(join(path, 'config.json'))) return openDiffusersFolder(path).component(NAME, [CLASS])
  const component = openComponent(NAME, CLASS, path)
  checkClass(path, NAME, String(component.config._class_name), [CLASS])
  return component
}

function openFile(path: string): Component {
  const { metadata } = openTensorFile(path)
  const inside = jsonObjectIn(metadata[CONFIG_METADATA])
  if (isControlNet(inside)) return component(path, path, inside)
  const beside = join(dirname(path), 'config.json')
  const own = existsSync(beside) ? readJsonObject(beside) : undefined
  return isControlNet(own) ? component(path, beside, own) : openControlNetFile(path)
}

const isControlNet = (config: JsonObject | undefined): config is JsonObject => config?._class_name === CLASS

const component = (path: string, configPath: string, config: JsonObject): Component => ({
  ...{ name: NAME, className: CLASS, folder: realpathSync(path), configPath, config },
  weights: openWeightFile(path),
})

/** A ControlNet to write. */
export interface WrittenControlNet {
  readonly config: JsonObject
  /** By state-dict key. */
  readonly tensors: ReadonlyMap<string, { readonly shape: Shape; readonly data: Float32Array }>
  /** Of the file: what it is called, who made it. */
  readonly metadata: Readonly<Record<string, string>>
}

/** Writes a ControlNet as one file, in fp32, with its config in the metadata. @throws Problem FILE_*, DISK_FULL */
export function writeControlNetFile(path: string, { config, tensors, metadata }: WrittenControlNet): void {
  const entries = tensors.entries().map(([key, { shape, data }]) => [key, { dtype: 'F32', shape, data }] as const)
  writeSafetensors(path, entries, { format: 'pt', [CONFIG_METADATA]: JSON.stringify(config), ...metadata })
}

/** Writes a ControlNet as the folder that the reference's `from_pretrained` opens: under a temporary name, made sure to be on the disk, then
 *  renamed. @param path where nothing is yet  @param card the text of its README.md  @throws Problem FILE_*, DISK_FULL */
export function writeControlNet(path: string, written: WrittenControlNet, card: string): void {
  const config = `${JSON.stringify(written.config, undefined, 2)}\n`
  writeFolderSafely(path, folder => {
    writeControlNetFile(join(folder, 'diffusion_pytorch_model.safetensors'), written)
    writeFileSafely(join(folder, 'config.json'), [Buffer.from(config)])
    writeFileSafely(join(folder, 'README.md'), [Buffer.from(card)])
  })
}
