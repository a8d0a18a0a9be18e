import { z } from 'zod'
import { controlModes } from '../tensor/control-modes.ts'
import { controlResizes } from '../tensor/control-picture.ts'
import { preparationNames } from '../tensor/preparations.ts'
import { LARGEST_SEED } from '../tensor/random.ts'
import { guideParameters } from './guide-parameters.ts'
import { about, share } from './parameter-meta.ts'
import {
  guidance,
  karras,
  perturbedGuidance,
  perturbedLayers,
  rescale,
  selfGuidance,
  steps,
  textSampler,
  trueGuidance,
} from './sampling-parameters.ts'

/** A whole number from 0 to 2^64-1, given as number, decimal string or bigint; a bigint afterwards, so nothing is rounded. */
export const seed = z
  .union([z.bigint(), z.int(), z.string().trim().regex(/^\d+$/)])
  .optional()
  .transform((value, context): bigint | undefined => {
    if (value === undefined) return undefined
    const exact = BigInt(value)
    if (exact >= 0n && exact <= LARGEST_SEED && (typeof value !== 'number' || Number.isSafeInteger(value))) return exact
    context.addIssue({ code: 'custom', message: `The seed must be a whole number from 0 to ${LARGEST_SEED}.` })
    return z.NEVER
  })
  .meta(
    about({
      title: 'Seed',
      description:
        'Where the noise comes from: the same seed draws the same picture again. Empty: a new one each time.',
      group: 'picture',
      widget: 'seed',
    }),
  )

/** What the picture shows. */
export const prompt = z
  .string()
  .max(20_000)
  .meta(
    about({
      title: 'Prompt',
      description: 'What the picture shows; empty: whatever the model likes.',
      group: 'words',
      widget: 'prompt',
    }),
  )

/** What the picture shall not show. */
export const negative = z
  .string()
  .max(20_000)
  .default('')
  .meta(
    about({
      title: 'Negative prompt',
      description: 'What the picture shall not show.',
      group: 'words',
      widget: 'text',
    }),
  )

/** The number of a class; how many there are, the model says. */
export const classLabel = z
  .int()
  .min(0)
  .max(1_000_000)
  .meta(
    about({
      title: 'Class',
      description: 'The number of what the picture shows, in the list that the model was trained on, from 0.',
      group: 'picture',
      widget: 'class',
      softMaximum: 999,
    }),
  )

const side = (title: string) =>
  z
    .int()
    .min(8)
    .max(8192)
    .optional()
    .meta(
      about({
        title,
        description: `${title} of the picture in pixels.`,
        unit: 'px',
        group: 'picture',
        widget: 'size',
        fromModel: true,
        softMaximum: 2048,
      }),
    )

/** Pixels; the model says of which number it must be a multiple. */
export const width = side('Width')
/** Pixels; the model says of which number it must be a multiple. */
export const height = side('Height')

/** Pictures of one run. */
export const count = z
  .int()
  .min(1)
  .max(64)
  .default(1)
  .meta(
    about({
      title: 'Pictures',
      description: 'How many pictures; picture k takes the seed + k, so each can be drawn again alone.',
      group: 'picture',
      widget: 'count',
      softMaximum: 9,
    }),
  )

/** What is done with words beyond the text encoder's window. */
export const longPrompts = z
  .enum(['chunks', 'cut'])
  .default('chunks')
  .meta(
    about({
      title: 'Long prompts',
      description:
        'What does not fit into the text encoder at once: chunks reads it in further parts, cut leaves it out.',
      group: 'advanced',
      widget: 'choice',
    }),
  )

/** Last layers of the text encoder that are left out, for the prompt alone, as the reference's `clip_skip`; the AUTOMATIC1111 web UI
 *  leaves them out for the negative prompt too, and counts from 1. */
export const clipSkip = z
  .int()
  .min(0)
  .max(23)
  .default(0)
  .meta(
    about({
      title: 'Clip skip',
      description: 'Last layers of the text encoder that are left out for the prompt; some models were trained with 1.',
      group: 'advanced',
      widget: 'slider',
      softMaximum: 4,
    }),
  )

/** The path of a file or folder, or the name or id of a model in the library. */
const path = z.string().min(1).max(4096)

/** Low-rank adaptations of the model (Hu et al. 2021, arXiv:2106.09685), and their kin. */
export const loras = z
  .array(z.strictObject({ model: path, strength: z.number().min(-10).max(10).default(1) }))
  .max(32)
  .default([])
  .meta(
    about({
      title: 'LoRAs',
      description: 'Styles and things that the model learned since, each with its strength; 1: as it was trained.',
      group: 'concepts',
      widget: 'files',
      takes: 'lora',
    }),
  )

/** Words that a text encoder learned (Gal et al. 2022, arXiv:2208.01618). */
export const embeddings = z
  .array(z.strictObject({ model: path, word: z.string().trim().min(1).max(200).optional() }))
  .max(64)
  .default([])
  .meta(
    about({
      title: 'Embeddings',
      description:
        "Words that the model learned since; they are used in the prompt by their file's name, or by their own.",
      group: 'concepts',
      widget: 'files',
      takes: 'embedding',
    }),
  )

/** ControlNets with their pictures (Zhang et al. 2023, arXiv:2302.05543), and image prompts: IP-Adapters with theirs (Ye et al. 2023,
 *  arXiv:2308.06721), which look at a whole picture and not at its places. */
export const controls = z
  .array(
    z.strictObject({
      model: path,
      /** A picture of the library by its id, or the path of a file. */
      image: path,
      /** What is made of the picture first: none where it is a control picture already. */
      prepare: z.enum(preparationNames).default('none'),
      /** Of `pose` and `depth`: the network that finds joints, or says how near things are; empty: the first of the library; own: the one that comes
       *  with the app. */
      finder: z.string().max(4096).default(''),
      /** Of edges: how sure they must be to go on, and to begin (Canny's thresholds). */
      low: z.number().min(0).max(2040).default(100),
      high: z.number().min(0).max(2040).default(200),
      /** 1: as it was trained. */
      weight: z.number().min(0).max(2).default(1),
      /** The part of the steps in which it acts, from 0 to 1. */
      start: z.number().min(0).max(1).default(0),
      end: z.number().min(0).max(1).default(1),
      /** Who decides. balanced: prompt and picture alike; prompt: the picture acts ever less towards fine levels; control: so, and on what is wanted alone. */
      mode: z.enum(controlModes).default('balanced'),
      /** How the picture comes to the size that is drawn. fill: it covers it, what sticks out is cut off; fit: it lies inside, black around. */
      resize: z.enum(controlResizes).default('fill'),
      /** Of image prompts: further pictures that are read together with the first. */
      also: z.array(path).max(15).default([]),
      /** Of image prompts: the CLIP model that looks at the pictures; empty: the engine finds one that fits. */
      encoder: z.string().max(4096).default(''),
    }),
  )
  .max(8)
  .default([])
  .meta(
    about({
      title: 'Controls',
      description:
        'Pictures that say where things are (edges, poses, depth), each with the ControlNet that reads it; or what they look like, with an IP-Adapter.',
      group: 'concepts',
      widget: 'controls',
      takes: 'controlnet',
    }),
  )

/** The reference's guess_mode. */
export const guessMode = z
  .boolean()
  .default(false)
  .meta(
    about({
      title: 'Controls alone guide',
      description: 'The controls say what is drawn, more than the prompt does; for prompts that are empty or short.',
      group: 'advanced',
      widget: 'switch',
    }),
  )

/** Another autoencoder. */
export const vae = z
  .string()
  .max(4096)
  .default('')
  .meta(
    about({
      title: 'VAE',
      description:
        "An autoencoder that is used instead of the model's own, by its name, folder or file; empty: the own one.",
      group: 'concepts',
      widget: 'files',
      takes: 'vae',
    }),
  )

/** Text encoders for models whose file holds none. */
export const textEncoders = z
  .array(z.strictObject({ model: path }))
  .max(3)
  .default([])
  .meta(
    about({
      title: 'Text encoders',
      description:
        'For models whose file holds none, as many of Flux: by name or file; empty: those of the library, where exactly one fits.',
      group: 'advanced',
      widget: 'files',
      takes: 'text-encoder',
    }),
  )

/** A picture of the library's content store, by the SHA-256 of its file. */
export const kept = z.string().regex(/^[0-9a-f]{64}$/)

/** The picture that a drawing begins from. */
export const picture = kept.meta(
  about({
    title: 'Picture',
    description: 'The picture that is drawn anew.',
    group: 'picture',
    widget: 'picture',
  }),
)

/** How much of the run is done. */
export const strength = share(0.6, {
  title: 'Strength',
  description: 'How much of the picture is given up; 0: nearly nothing, 1: all of it.',
  group: 'sampling',
})

/** How a picture of other proportions is brought to the size that is drawn. */
export const pictureFit = z
  .enum(['cut', 'stretch', 'extend'])
  .default('cut')
  .meta(
    about({
      title: 'Fit',
      description:
        'What happens to a picture of other proportions: its edges are cut off, it is stretched, or its edges are drawn out.',
      group: 'picture',
      widget: 'choice',
    }),
  )

/** Parts of the picture with words of their own (Bar-Tal et al. 2023, arXiv:2302.08113). */
export const regions = z
  .array(
    z.strictObject({
      prompt: z.string().max(20_000),
      /** White where the words are meant, over the whole picture; gray counts in part. */
      mask: kept,
      /** How much its places follow these words; the rest follows the prompt of the whole picture. */
      weight: z.number().min(0).max(1).default(1),
    }),
  )
  .max(16)
  .default([])
  .meta(
    about({
      title: 'Regions',
      description: 'Parts of the picture with a prompt of their own; each takes the time of one more picture.',
      group: 'words',
      widget: 'regions',
    }),
  )

/** What every drawing from words can be told. */
export const wordParameters = {
  ...{
    prompt,
    negative,
    seed,
    steps,
    guidance,
    trueGuidance,
    rescale,
    perturbedGuidance,
    selfGuidance,
    perturbedLayers,
    sampler: textSampler,
    karras,
    width,
    height,
    count,
  },
  ...{ longPrompts, clipSkip, loras, embeddings, controls, guessMode, regions, vae, textEncoders },
  ...guideParameters,
}
