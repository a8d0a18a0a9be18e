import { z } from 'zod'
import type { ModelDescription } from '../models/description.ts'
import { Problem } from '../problem.ts'
import type { ParameterSource, StoredParameters } from './check-parameters.ts'
import type { Operation } from './operation.ts'
import { regions } from './parameters.ts'

/** The operation's parameters that are pictures of the content store, by hash. */
export const pictureParameters = ({ parameters }: Operation): string[] =>
  Object.entries(parameters.shape).flatMap(([name, field]) => {
    const widget = z.globalRegistry.get(field)?.widget
    return widget === 'picture' || widget === 'mask' ? [name] : []
  })

/** A picture of the content store that parameters name. */
export interface NamedPicture {
  /** The parameter. */
  readonly field: string
  readonly hash: string
}

const withRegions = z.object({ regions })

/** All pictures of the content store that parameters name, in a fixed order; what the schema would refuse names none. */
export function namedPictures(operation: Operation, parameters: StoredParameters): NamedPicture[] {
  const own = pictureParameters(operation).flatMap(field => {
    const hash = parameters[field]
    // A mask may be left out.
    return typeof hash === 'string' && hash !== '' ? [{ field, hash }] : []
  })
  const { data } = withRegions.safeParse(parameters)
  return [...own, ...(data?.regions ?? []).map(({ mask: hash }) => ({ field: 'regions', hash }))]
}

/** Pixels of a drawing whose size nobody chose, at most. */
const MOST = 1.5

/** The parameters with a size after the picture that they begin from, where nobody chose one: its own, made smaller where it has much more pixels
 *  than the model draws, in whole multiples. @param find what is known of a picture
 *  @throws Problem PICTURE_UNKNOWN for a picture that is not there */
export function withPictureSize(
  operation: Operation,
  given: StoredParameters,
  model: ParameterSource & Pick<ModelDescription, 'stride'>,
  find: (hash: string) => { readonly width: number; readonly height: number } | undefined,
): StoredParameters {
  const found = namedPictures(operation, given).map(({ field, hash }) => {
    const picture = find(hash)
    if (picture) return { field, ...picture }
    throw new Problem('PICTURE_UNKNOWN', 'The picture that this begins from is not in the library.', {
      hint: 'Choose it again.',
      details: { field },
    })
  })
  const picture = found.find(({ field }) => field === 'image')
  const hasSize = Object.hasOwn(operation.parameters.shape, 'width')
  if (picture === undefined || !hasSize || given.width !== undefined || given.height !== undefined) return given
  return { ...given, ...(operation.sizeOf?.(picture, model, given) ?? sizeFor(picture, model)) }
}

function sizeFor(picture: { readonly width: number; readonly height: number }, model: ParameterSource) {
  const { defaults, sizeMultiple } = model
  const most = defaults.width * defaults.height * MOST
  const shrink = Math.min(1, Math.sqrt(most / (picture.width * picture.height)))
  const whole = (pixels: number) => Math.max(1, Math.round((pixels * shrink) / sizeMultiple)) * sizeMultiple
  return { width: whole(picture.width), height: whole(picture.height) }
}
