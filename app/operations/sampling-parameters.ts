import { z } from 'zod'
import { schedulersFor } from '../schedulers/index.ts'
import { karrasVe } from '../schedulers/karras-ve.ts'
import type { Scheduler } from '../schedulers/scheduler.ts'
import { scoreSdeVe } from '../schedulers/score-sde-ve.ts'
import { scoreSdeVp } from '../schedulers/score-sde-vp.ts'
import { about, share } from './parameter-meta.ts'

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

/** DDIM's eta (Song et al. 2021, arXiv:2010.02502, eq. 16). */
export const eta = share(0, {
  title: 'Fresh noise',
  description: 'DDIM alone: how much fresh noise each step adds; 0: none, 1: as much as DDPM.',
  group: 'advanced',
})

/** Guidance rescale (Lin et al. 2023, arXiv:2305.08891, section 3.4). */
export const rescale = share(0, {
  title: 'Guidance rescale',
  description: 'Takes back the glare that strong guidance brings; 0: off, 1: fully.',
  group: 'advanced',
})

const pullFromItself = (title: string, description: string) =>
  z
    .number()
    .min(0)
    .max(20)
    .default(0)
    .meta(about({ title, description, group: 'sampling', widget: 'slider', softMaximum: 5, step: 0.1 }))

/** Perturbed-attention guidance (Ahn et al. 2024, arXiv:2403.17377): the reference's pag_scale. */
export const perturbedGuidance = pullFromItself(
  'Perturbed attention',
  'Away from what the model draws where places see themselves alone: clearer forms, with or without a prompt, for half more time; 0: not at all.',
)

/** Self-attention guidance (Hong et al. 2023, arXiv:2210.00939): the reference's sag_scale. */
export const selfGuidance = pullFromItself(
  'Self-attention',
  'Away from what the model draws where it looks most is blurred: finer details, for half more time; 0: not at all.',
)

/** The reference's pag_applied_layers. */
export const perturbedLayers = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .default('mid')
  .meta(
    about({
      title: 'Perturbed layers',
      description: 'Where perturbed attention acts: how layers are named in the file, with commas; mid: in the middle.',
      group: 'advanced',
      widget: 'line',
    }),
  )
