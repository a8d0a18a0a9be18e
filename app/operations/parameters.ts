import { z } from 'zod'
import { schedulersFor } from '../schedulers/index.ts'
import { karrasVe } from '../schedulers/karras-ve.ts'
import type { Scheduler } from '../schedulers/scheduler.ts'
import { scoreSdeVe } from '../schedulers/score-sde-ve.ts'
import { scoreSdeVp } from '../schedulers/score-sde-vp.ts'
import { fills } from '../tensor/fill.ts'
import { LARGEST_SEED } from '../tensor/random.ts'
import type { ModelKind } from '../weights/model-kinds.ts'

/** What the form, the command line and the docs need to know of a parameter, beside its type and range. */
export interface ParameterMeta {
  readonly title: string
  /** One sentence for a person; shown as tooltip, in --help and in the docs. */
  readonly description: string
  readonly unit?: 'px'
  /** Section of the settings panel. */
  readonly group: 'words' | 'sampling' | 'picture' | 'mask' | 'concepts' | 'advanced' | 'merge'
  /** How the form shows it. */
  readonly widget:
    | 'prompt'
    | 'text'
    | 'sampler'
    | 'slider'
    | 'size'
    | 'seed'
    | 'count'
    | 'switch'
    | 'choice'
    | 'files'
    | 'class'
    | 'pictures'
    | 'picture'
    | 'mask'
    | 'controls'
    | 'regions'
  /** Of files: the kind of model that they are. */
  readonly takes?: ModelKind
  /** Absent after parsing unless the person set it: the model's own value is taken (ModelDescription.defaults). */
  readonly fromModel?: true
  /** Where the form's slider ends; typing may go on to the schema's own limit. */
  readonly softMaximum?: number
  readonly step?: number
  /** What the chosen sampler must have (a field of its description) for this to make a difference. */
  readonly needsOfSampler?: 'choosesNoiseLevels'
}

const about = (meta: ParameterMeta) => ({ ...meta })

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

const samplerAmong = (schedulers: readonly Scheduler[]) =>
  z
    .enum(schedulers.map(({ className }) => className))
    .optional()
    .meta(
      about({
        title: 'Sampler',
        description: 'The method that turns noise into the picture.',
        group: 'sampling',
        widget: 'sampler',
        fromModel: true,
      }),
    )

/** The scheduler, by the reference's class name: one that serves networks of latent diffusion. */
export const sampler = samplerAmong(schedulersFor('diffusion'))
/** The same for all that draws from words: networks of flow matching have samplers of their own. */
export const textSampler = samplerAmong([...schedulersFor('diffusion'), ...schedulersFor('flow')])
/** The same for networks of pixels, which may be trained for noise levels of their own. */
export const pixelSampler = samplerAmong([
  ...schedulersFor('diffusion'),
  ...[karrasVe, scoreSdeVe, scoreSdeVp],
  ...schedulersFor('edm'),
])
/** The same for models of classes. */
export const classSampler = samplerAmong([...schedulersFor('diffusion'), ...schedulersFor('edm')])

/** Karras noise levels, where the sampler has them. */
export const karras = z
  .boolean()
  .default(false)
  .meta(
    about({
      title: 'Karras noise levels',
      description:
        'More of the steps at low noise, where detail appears; samplers without noise levels to choose take no notice.',
      group: 'advanced',
      widget: 'switch',
      needsOfSampler: 'choosesNoiseLevels',
    }),
  )

const stepsUpTo = (most: number, softMaximum: number) =>
  z
    .int()
    .min(1)
    .max(most)
    .optional()
    .meta(
      about({
        title: 'Steps',
        description: 'How many steps from noise to picture; more are slower and often finer.',
        group: 'sampling',
        widget: 'slider',
        fromModel: true,
        softMaximum,
      }),
    )

/** Calls of the sampler. */
export const steps = stepsUpTo(1000, 100)
/** The same for networks of pixels: score models take thousands. */
export const pixelSteps = stepsUpTo(10_000, 2000)

/** Classifier-free guidance (Ho & Salimans 2022, arXiv:2207.12598). */
export const guidance = z
  .number()
  .min(0)
  .max(100)
  .optional()
  .meta(
    about({
      title: 'Guidance',
      description: 'How hard the picture is pulled towards the prompt; 1: not at all.',
      group: 'sampling',
      widget: 'slider',
      fromModel: true,
      softMaximum: 20,
      step: 0.1,
    }),
  )

/** Classifier-free guidance of networks that take the guidance as an input: the reference's true_cfg_scale. */
export const trueGuidance = z
  .number()
  .min(1)
  .max(100)
  .default(1)
  .meta(
    about({
      title: 'Guidance by the negative prompt',
      description:
        'For models that take the guidance as an input, as Flux-dev: how hard the picture is pulled away from the negative prompt, at twice the time; 1: not at all.',
      group: 'advanced',
      widget: 'slider',
      softMaximum: 10,
      step: 0.1,
    }),
  )

/** The same towards a class instead of a prompt. */
export const classGuidance = guidance.meta(
  about({
    title: 'Guidance',
    description: 'How hard the picture is pulled towards the class; 1: not at all.',
    group: 'sampling',
    widget: 'slider',
    fromModel: true,
    softMaximum: 20,
    step: 0.1,
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

/** DDIM's eta (Song et al. 2021, arXiv:2010.02502, eq. 16). */
export const eta = z
  .number()
  .min(0)
  .max(1)
  .default(0)
  .meta(
    about({
      title: 'Fresh noise',
      description: 'DDIM alone: how much fresh noise each step adds; 0: none, 1: as much as DDPM.',
      group: 'advanced',
      widget: 'slider',
      step: 0.01,
    }),
  )

/** Guidance rescale (Lin et al. 2023, arXiv:2305.08891, section 3.4). */
export const rescale = z
  .number()
  .min(0)
  .max(1)
  .default(0)
  .meta(
    about({
      title: 'Guidance rescale',
      description: 'Takes back the glare that strong guidance brings; 0: off, 1: fully.',
      group: 'advanced',
      widget: 'slider',
      step: 0.01,
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

/** Another model for a merge. */
export const mergedModel = (title: string, description: string) =>
  z
    .string()
    .max(4096)
    .default('')
    .meta(about({ title, description, group: 'merge', widget: 'files', takes: 'checkpoint' }))

/** How models are summed. */
export const mergeMethod = z
  .enum(['weighted sum', 'add difference'])
  .default('weighted sum')
  .meta(
    about({
      title: 'Method',
      description:
        'Weighted sum goes from the first model to the second; add difference puts on the first what the second learned beyond the third.',
      group: 'merge',
      widget: 'choice',
    }),
  )

/** How much of the others goes into the first. */
export const mergeWeight = z
  .number()
  .min(0)
  .max(2)
  .default(0.5)
  .meta(
    about({
      title: 'Weight',
      description: 'How much of the second model; 0: none. In a weighted sum 1 is all of it, and the most there is.',
      group: 'merge',
      widget: 'slider',
      softMaximum: 1,
      step: 0.01,
    }),
  )

/** Names that no system takes, or that would lie elsewhere. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const noFileName = /[\\/:*?"<>|\u0000-\u001f]|^\.|\.$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i

/** What a new model is called; its file too. */
export const modelName = z
  .string()
  .trim()
  .min(1)
  .max(120)
  .refine(name => !noFileName.test(name), {
    message: 'The name must be one that a file can have: without / \\ : * ? " < > | and without a dot at its ends.',
  })
  .meta(
    about({
      title: 'Name',
      description: 'What the new model is called; its file in the models folder of the library too.',
      group: 'merge',
      widget: 'text',
    }),
  )

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

/** ControlNets with their pictures (Zhang et al. 2023, arXiv:2302.05543). */
export const controls = z
  .array(
    z.strictObject({
      model: path,
      /** A picture of the library by its id, or the path of a file. */
      image: path,
      /** What is made of the picture first: none where it is a control picture already. */
      prepare: z.enum(['none', 'edges']).default('none'),
      /** 1: as it was trained. */
      weight: z.number().min(0).max(2).default(1),
      /** The part of the steps in which it acts, from 0 to 1. */
      start: z.number().min(0).max(1).default(0),
      end: z.number().min(0).max(1).default(1),
      /** How the picture comes to the size that is drawn. fill: it covers it, what sticks out is cut off; fit: it lies inside, black around. */
      resize: z.enum(['fill', 'fit', 'stretch']).default('fill'),
    }),
  )
  .max(8)
  .default([])
  .meta(
    about({
      title: 'Controls',
      description: 'Pictures that say where things are (edges, poses, depth), each with the ControlNet that reads it.',
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
const kept = z.string().regex(/^[0-9a-f]{64}$/)

/** The picture that a drawing begins from. */
export const picture = kept.meta(
  about({
    title: 'Picture',
    description: 'The picture that is drawn anew.',
    group: 'picture',
    widget: 'picture',
  }),
)

/** What shall change: white; what stays: black. Gray counts from half on, or as a strength (`softMask`). */
export const mask = kept.meta(
  about({
    title: 'Mask',
    description: 'White where the picture shall change, black where it stays; as large as the picture.',
    group: 'mask',
    widget: 'mask',
  }),
)

/** How much of the run is done. */
export const strength = z
  .number()
  .min(0)
  .max(1)
  .default(0.6)
  .meta(
    about({
      title: 'Strength',
      description: 'How much of the picture is given up; 0: nearly nothing, 1: all of it.',
      group: 'sampling',
      widget: 'slider',
      step: 0.01,
    }),
  )

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
    sampler: textSampler,
    karras,
    width,
    height,
    count,
  },
  ...{ longPrompts, clipSkip, loras, embeddings, controls, guessMode, regions, vae, textEncoders },
}
