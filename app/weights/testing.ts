import { join, resolve } from 'node:path'
import { openSafetensors, readRaw, type TensorToWrite, writeSafetensors } from './safetensors.ts'

/** Golden models that lie in one file each. */
export const flowFiles = resolve(import.meta.dirname, '../../test/parity/goldens/models/flow_files')

/** Writes the tensors under a prefix of a complete golden file into a file of their own, as ComfyUI's folders have them.
 *  @returns its path */
export function partOf(source: string, prefix: string, path: string): string {
  const file = openSafetensors(join(flowFiles, source))
  const tensors = [...file.tensors.values()]
    .filter(entry => entry.name.startsWith(prefix))
    .map(({ name, dtype, shape }): [string, TensorToWrite] => [
      name.slice(prefix.length),
      { dtype, shape, data: readRaw(file, name) },
    ])
  writeSafetensors(path, tensors, {})
  return path
}
