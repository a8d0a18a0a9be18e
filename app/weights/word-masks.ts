import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readJsonObject } from './json-file.ts'
import { isFile } from './model-source.ts'
import { openTensorFile } from './tensor-file.ts'

/** Whether keys are those of a network that finds in pictures what words say: CLIPSeg's decoder, which words shift and scale. */
export const findsWords = (names: readonly string[]): boolean =>
  ['decoder.film_mul.weight', 'decoder.reduces.0.weight'].every(name => names.includes(name))

/** The folder of such a network; one that is named by its file lies beside its config. */
export const folderOfWordMasks = (path: string): string => (isFile(path) ? dirname(path) : path)

/** Whether a path is such a network: a folder as transformers saves it, or the weights in one.
 *  @throws Problem FILE_*, SAFETENSORS_*, PICKLE_*, JSON_FILE for what cannot be read */
export function holdsWordMasks(path: string): boolean {
  if (isFile(path)) return !path.endsWith('.json') && findsWords([...openTensorFile(path).tensors.keys()])
  const config = join(path, 'config.json')
  return existsSync(config) && readJsonObject(config).model_type === 'clipseg'
}
