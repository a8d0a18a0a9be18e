import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { ImagePrompt } from '../diffusion/image-prompts.ts'
import { parseConfig } from '../models/family.ts'
import { ipAdapter } from '../models/ip-adapter.ts'
import { Problem } from '../problem.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import { imageEncoderWidths } from '../weights/image-encoder.ts'
import { holdsIPAdapter, openIPAdapter } from '../weights/ip-adapter.ts'
import type { StoredParameters } from './check-parameters.ts'
import type { ChosenControl } from './controls.ts'
import type { GivenPictures } from './operation.ts'
import { controls } from './parameters.ts'
import { refuseNever } from './part-of-steps.ts'

/** Whether a control is an IP-Adapter: it alone looks at its pictures with a CLIP model. */
export const isImagePrompt = ({ encoder }: Pick<ChosenControl, 'encoder'>): boolean => encoder !== ''

/** Lets IP-Adapters look at their pictures. @param checkpoint with the IP-Adapters beside it  @throws Problem PICTURE_*, FILE_*, MEMORY, STEPS_NONE */
export async function openImagePrompts(
  checkpoint: Checkpoint,
  pictures: GivenPictures,
  chosen: readonly ChosenControl[],
): Promise<ImagePrompt[]> {
  const opened: ImagePrompt[] = []
  for (const { model, image, also, weight, start, end } of chosen) {
    refuseNever({ start, end }, 'controls')
    const { adapter, reader } = checkpoint.imagePrompt(model)
    const shown = []
    for (const each of [image, ...also]) shown.push(await pictures.read(each, '#ffffff'))
    opened.push({ adapter, weight, start, end, ...(await reader.read(shown)) })
    await reader.rest()
  }
  return opened
}

const controlled = z.object({ controls })

/** The parameters with a CLIP model for each IP-Adapter among the controls that names none: the one beside its file, one of the library, or the
 *  one that comes with the app, whichever is as wide as it reads.
 *  @param candidates paths  @throws Problem IMAGE_ENCODER where none fits, IP_ADAPTER_FORM */
export function withImageEncoders(parameters: StoredParameters, candidates: () => readonly string[]): StoredParameters {
  const { data } = controlled.safeParse(parameters)
  if (data === undefined || !('controls' in parameters)) return parameters
  const found = data.controls.map(control =>
    control.encoder === '' && holdsIPAdapter(control.model)
      ? { ...control, encoder: encoderFor(control.model, candidates()) }
      : control,
  )
  return { ...parameters, controls: found }
}

function encoderFor(path: string, candidates: readonly string[]): string {
  const { config: raw, configPath } = openIPAdapter(path).projection
  const { form, picture_width: wanted } = parseConfig(ipAdapter, raw, configPath)
  const beside = join(dirname(path), 'image_encoder')
  const all = existsSync(beside) ? [beside, ...candidates] : candidates
  const found = all.find(each => widthOf(each, form === 'whole' ? 'whole' : 'places') === wanted)
  if (found !== undefined) return found
  throw new Problem('IMAGE_ENCODER', `The IP-Adapter ${path} looks at pictures with a CLIP model that is not here.`, {
    hint: `Add the image encoder that it was published with (answers of width ${wanted}) in Models, or put its folder "image_encoder" beside the file.`,
    details: { field: 'controls' },
  })
}

/** undefined for one that cannot be read. */
function widthOf(path: string, of: 'whole' | 'places'): number | undefined {
  try {
    return imageEncoderWidths(path)[of]
  } catch {
    return undefined
  }
}
