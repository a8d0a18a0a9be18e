import { z } from 'zod'
import { fills } from '../tensor/fill.ts'
import { about } from './parameter-meta.ts'
import { kept } from './parameters.ts'

/** What shall change: white; what stays: black. Gray counts from half on, or as a strength (`softMask`). */
export const mask = kept.meta(
  about({
    title: 'Mask',
    description: 'White where the picture shall change, black where it stays; as large as the picture.',
    group: 'mask',
    widget: 'mask',
  }),
)

/** What a masked place begins from. */
export const maskFill = z
  .enum(fills)
  .default('picture')
  .meta(
    about({
      title: 'Begin from',
      description:
        'What lies under the mask at first: the picture, the colours around the mask drawn in (to take something away), or gray.',
      group: 'mask',
      widget: 'choice',
    }),
  )

/** The way from the old picture to the new one. */
export const maskSoftness = z
  .number()
  .min(0)
  .max(256)
  .default(4)
  .meta(
    about({
      title: 'Soft edge',
      description: 'Pixels inside the mask over which the new picture fades in; outside the mask nothing changes.',
      unit: 'px',
      group: 'mask',
      widget: 'slider',
      softMaximum: 64,
    }),
  )

/** Whether gray is a strength for each place (differential diffusion, arXiv:2306.00950). */
export const softMask = z
  .boolean()
  .default(false)
  .meta(
    about({
      title: 'Gray is strength',
      description:
        'Gray places of the mask change as much as they are bright; otherwise gray from half on counts as white.',
      group: 'mask',
      widget: 'switch',
    }),
  )

/** Only the masked part, at the whole size. */
export const onlyMasked = z
  .boolean()
  .default(false)
  .meta(
    about({
      title: 'Only the masked area',
      description:
        'Draws the part around the mask alone, at the full size, and puts it back: finer detail for small things.',
      group: 'mask',
      widget: 'switch',
    }),
  )

/** Pixels around the mask that are seen. */
export const maskPadding = z
  .int()
  .min(0)
  .max(1024)
  .default(32)
  .meta(
    about({
      title: 'Seen around the mask',
      description: 'With "Only the masked area": how many pixels around the mask the model sees.',
      unit: 'px',
      group: 'mask',
      widget: 'slider',
      softMaximum: 256,
    }),
  )
