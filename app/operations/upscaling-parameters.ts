import { z } from 'zod'
import { about } from './parameter-meta.ts'

/** How many times larger a picture becomes. */
export const factor = z
  .number()
  .min(1)
  .max(16)
  .optional()
  .meta(
    about({
      title: 'Times larger',
      description: 'How many times wider and higher the picture becomes.',
      group: 'picture',
      widget: 'slider',
      fromModel: true,
      softMaximum: 8,
      step: 0.5,
    }),
  )

/** The same where the model does not say. */
export const timesLarger = factor
  .unwrap()
  .default(2)
  .meta(
    about({
      title: 'Times larger',
      description: 'How many times wider and higher the picture becomes.',
      group: 'picture',
      widget: 'slider',
      softMaximum: 4,
      step: 0.25,
    }),
  )

/** Noise on the small picture, as a timestep of its own schedule: StableDiffusionUpscalePipeline's noise_level. */
export const noiseLevel = z
  .int()
  .min(0)
  .max(350)
  .default(20)
  .meta(
    about({
      title: 'Noise on the picture',
      description:
        'How much noise the model puts on the small picture before it looks at it: more invents more detail.',
      group: 'sampling',
      widget: 'slider',
      softMaximum: 100,
    }),
  )

/** How hard an instruction's picture holds to the given one: InstructPix2Pix's image_guidance_scale. */
export const pictureGuidance = z
  .number()
  .min(0)
  .max(20)
  .default(1.5)
  .meta(
    about({
      title: 'Hold to the picture',
      description: 'How hard the picture is held to the given one; 1: not at all, more keeps more of it.',
      group: 'sampling',
      widget: 'slider',
      softMaximum: 3,
      step: 0.05,
    }),
  )

/** Pixels on a side of what is drawn at once of a large picture. */
export const tileSide = z
  .int()
  .min(0)
  .max(4096)
  .default(0)
  .meta(
    about({
      title: 'Part drawn at once',
      description:
        "Large pictures are drawn in parts of this size that reach into each other; 0: the model's own size.",
      unit: 'px',
      group: 'advanced',
      widget: 'slider',
      softMaximum: 1536,
    }),
  )
