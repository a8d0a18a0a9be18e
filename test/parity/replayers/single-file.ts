import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { namesOf } from '../../../app/weights/key-aliases.ts'
import { openSafetensors, readRaw, type SafetensorsFile } from '../../../app/weights/safetensors.ts'
import { openSingleFile } from '../../../app/weights/single-file/single-file.ts'
import { type Replayer, scalar, unknownParameters } from './replayer.ts'

const parameters = z.object({
  unet: z.string(),
  vae: z.string(),
  text: z.string(),
  text_encoder: z.string(),
  text_encoder_2: z.string().optional(),
  file: z.string(),
})

/** A single file opened as a model: every tensor of the reference's folders, to the last bit, and where each came from. */
export const replaySingleFile: Replayer = ({ params, root }) => {
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { data } = parsed
  const model = openSingleFile(join(root, data.file))
  const view = (name: string) => model.component(name).weights.files[0]
  const same = (name: string, folder: string) => countSame(view(name), weightsIn(join(root, folder)))
  const unet = view('unet')
  const expected: Record<string, unknown> = {
    unet_keys: same('unet', data.unet),
    vae_keys: same('vae', data.vae),
    text_keys: same('text_encoder', data.text_encoder),
    from_single_file_unet: unet.tensors.size === weightsIn(join(root, data.unet)).tensors.size,
    from_single_file_vae: view('vae').tensors.size === weightsIn(join(root, data.vae)).tensors.size,
    key_map: Object.fromEntries(
      ['unet', 'vae'].map(name => [name, Object.fromEntries(model.keyMap.get(name) ?? new Map<string, string>())]),
    ),
  }
  if (data.text_encoder_2 !== undefined) expected.text2_keys = same('text_encoder_2', data.text_encoder_2)
  return { outputs: { checksum: scalar(Math.fround(sumOfSizes(unet))) }, expected }
}

function weightsIn(folder: string): SafetensorsFile {
  const names = ['diffusion_pytorch_model.safetensors', 'model.safetensors'].map(name => join(folder, name))
  return openSafetensors(names.find(existsSync) ?? names[0])
}

/** How many tensors of a folder our view holds with the same shape and bytes. @throws when one is missing or differs */
function countSame(view: SafetensorsFile, folder: SafetensorsFile): number {
  for (const { name, shape } of folder.tensors.values()) {
    const ours = namesOf(name).find(each => view.tensors.has(each))
    if (ours === undefined) throw new Error(`${view.path} has no "${name}"`)
    const [entry, bytes] = [view.tensors.get(ours), Buffer.from(readRaw(view, ours))]
    const isSame = `${entry?.shape}` === `${shape}` && bytes.equals(readRaw(folder, name))
    if (!isSame) throw new Error(`"${name}" of ${view.path} differs`)
  }
  return folder.tensors.size
}

/** The sum of all |values| of float32 tensors. */
function sumOfSizes(view: SafetensorsFile): number {
  let sum = 0
  for (const name of view.tensors.keys()) {
    for (const value of new Float32Array(readRaw(view, name).buffer)) sum += Math.abs(value)
  }
  return sum
}
