import { openDiffusersFolder } from './diffusers-folder.ts'
import { isFile, type ModelSource } from './model-source.ts'
import { openSingleFile } from './single-file/single-file.ts'

/** Opens a model, whatever it lies in; no weights are read. @param path a folder of diffusers, its model_index.json, or a single file
 *  @throws Problem MODEL_FOLDER, MODEL_FILE, FILE_*, JSON_FILE, SAFETENSORS_* */
export function openModel(path: string): ModelSource {
  const isSingle = isFile(path) && !path.endsWith('.json')
  return isSingle ? openSingleFile(path) : openDiffusersFolder(path)
}
