import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../problem.ts'
import { openComponent, openWeightsIn } from './diffusers-folder.ts'
import type { Component } from './model-source.ts'
import { openT2IAdapterFile } from './single-file/single-file.ts'
import { isT2IAdapter } from './single-file/t2i-adapter.ts'
import { openTensorFile } from './tensor-file.ts'

/** Whether a path is a T2I-Adapter, as its keys say: a file, or a folder with a `config.json`.
 *  @throws Problem FILE_*, SAFETENSORS_*, PICKLE_* */
export function holdsT2IAdapter(path: string): boolean {
  const state = statSync(path, { throwIfNoEntry: false })
  if (state === undefined) throw new Problem('FILE_MISSING', `${path} does not exist.`, { hint: 'Check the path.' })
  if (!state.isDirectory()) return isT2IAdapter(openTensorFile(path).tensors.keys())
  return existsSync(join(path, 'config.json')) && isT2IAdapter(openWeightsIn(path).keys())
}

/** Opens a T2I-Adapter: its folder (with config.json), or a file of one, in the reference's layout or its authors'.
 *  @throws Problem MODEL_FILE, COMPONENT_*, FILE_*, SAFETENSORS_*, JSON_FILE */
export const openT2IAdapter = (path: string): Component =>
  statSync(path).isDirectory() ? openComponent('adapter', 'T2IAdapter', path) : openT2IAdapterFile(path)
