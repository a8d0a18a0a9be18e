import { fstatSync } from 'node:fs'
import { readTorchFile } from './pickle/torch-file.ts'
import { openSafetensors, readBytes, type SafetensorsFile, withFile } from './safetensors.ts'

/** Opens a file of tensors, by what is in it and not by its name: safetensors, or what PyTorch saved. Only tables of contents are read.
 *  @throws Problem FILE_*, SAFETENSORS_*, PICKLE_* */
export function openTensorFile(path: string): SafetensorsFile {
  if (!isTorchFile(path)) return openSafetensors(path)
  return withFile(path, handle =>
    readTorchFile(path, fstatSync(handle).size, (offset, length) => readBytes(handle, path, offset, length)),
  )
}

/** Whether a file is a zip archive, as PyTorch writes since version 1.6. @throws Problem FILE_* */
export const isTorchFile = (path: string): boolean =>
  withFile(path, handle => {
    const start = readBytes(handle, path, 0, Math.min(fstatSync(handle).size, 4))
    return Buffer.from(start).toString('latin1') === 'PK\x03\x04'
  })
