import type { Shape, Tensor } from '../tensor/tensor.ts'
import type { NoiseLevel } from './prediction.ts'

/** A question to the network: what is in this noisy picture? Yielded by a schedule's `run`, answered by THE denoising loop. */
export interface ModelCall {
  /** What the network is fed: the sample, scaled as the scheduler wants it. [batch, channels, height, width] */
  readonly input: Tensor
  /** The sample itself, before this call; from the second call on it is the result of the step before. Same shape. */
  readonly sample: Tensor
  /** What the network is told of the noise. A training timestep, which may be fractional for schedulers that interpolate
   *  noise levels; a time or a level where the network's kind is told that (`Scheduler.serves`). */
  readonly timestep: number
  /** Estimates the clean sample from the network's raw answer to this call (for previews and hooks). */
  readonly denoised: (output: Tensor) => Tensor
}

/** Draws standard normal noise; ancestral and stochastic schedulers ask for it, in the order of the reference. */
export type NoiseSource = (shape: Shape) => Tensor

/** What a method makes of the sample after each call of the network, at the level that it has reached: masks put back what they keep. */
export type SampleHook = (sample: Tensor) => Tensor

/** The hook that leaves samples as they are. */
export const unchanged: SampleHook = sample => sample

/** The noise levels that the network was trained with, by training timestep. */
export interface NoiseTable {
  /** Variance that a training step adds. */
  readonly betas: Float32Array
  /** Share of the clean sample's variance that is left after a training step: alpha-bar, falling from nearly 1. */
  readonly alphasCumprod: Float32Array
}

/** Choices of one run that are no part of a model's configuration; a scheduler takes those that it knows. */
export interface RunOptions {
  /** The training timesteps to visit, falling, instead of a spacing of them: for schedulers whose `takes` names them. */
  readonly timesteps?: readonly number[]
  /** The noise levels to visit, falling, for schedulers whose `takes` names them; where Euler's are given, the last one
   *  is where the run ends. */
  readonly sigmas?: readonly number[]
  /** DDIM: share of DDPM's noise that each step adds back, 0 (none) to 1. TCD: gamma, 0 (none) to 1, 0.3 by default. */
  readonly eta?: number
  /** DDIM: takes the noise direction anew from the limited clean sample. */
  readonly useClippedModelOutput?: boolean
  /** Euler and flow-matching Heun: noise added back before each step (S_churn of Karras et al. 2022, algorithm 2), over
   *  the whole run. */
  readonly churn?: number
  /** Noise levels between which `churn` acts, and the standard deviation of its noise. */
  readonly churnFrom?: number
  readonly churnTo?: number
  readonly churnNoise?: number
  /** LMS: how many answers are combined, 4 by default. */
  readonly order?: number
  /** LCM and TCD: the share of training's noise that the run starts from, 0 to 1. */
  readonly strength?: number
  /** LCM and TCD: in how many steps the network was distilled, where that is not its configuration's. */
  readonly originalSteps?: number
  /** Flow matching with `use_dynamic_shifting`: mu, how far the noise levels move up; larger pictures take more. */
  readonly shift?: number
}

/** One run's plan: noise levels are fixed, `run` walks through them. */
export interface Schedule {
  /** One entry for each call of the network, in order. */
  readonly timesteps: readonly number[]
  /** Noise levels where the scheduler works in sigmas, mostly standard deviations in the units of a clean sample: one for
   *  each call, and where the run ends. */
  readonly sigmas?: readonly number[]
  /** What the network was trained with, where that is a table of timesteps. */
  readonly table?: NoiseTable
  /** alpha-bar after the last step, where the scheduler works in alpha-bar: 1 is a clean sample. */
  readonly finalAlphaCumprod?: number
  /** Calls of a step, where it takes more than one; the last step may take fewer. */
  readonly callsPerStep?: number
  /** Standard normal noise is multiplied by this before the first step. */
  readonly initialNoiseScale: number
  /** The level of a sample that waits for the call at a timestep: any training timestep where the scheduler works in
   *  alpha-bar, else the nearest of `timesteps`. @param call which of `timesteps` it is, where several may be equal */
  readonly noiseLevel: (timestep: number, call?: number) => NoiseLevel
  /** Yields calls, is sent the network's raw predictions, returns the finished sample. Pure: all randomness comes from `noise`.
   *  @param begin steps that are left out at the start, 0 by default: the sample is one that waits for call `firstCall`. Solvers
   *  that look back begin with what they know, and end as they would have ended. As the reference's `set_begin_index`; for
   *  PNDM, which visits a timestep twice, each of `timesteps` counts as a step
   *  @param after called once after each call of the network, the last one too; the run goes on with what it returns */
  run(sample: Tensor, noise: NoiseSource, begin?: number, after?: SampleHook): Generator<ModelCall, Tensor, Tensor>
}

/** The call, from 0, that a run begins with which leaves out `begin` steps. */
export const firstCall = ({ callsPerStep = 1 }: Pick<Schedule, 'callsPerStep'>, begin: number): number =>
  begin * callsPerStep

/** The keys of a reference scheduler_config.json, as they stand in the file; each scheduler validates what it reads. */
export type SchedulerConfig = Readonly<Record<string, unknown>>

/** What networks a scheduler serves: those trained on a table of timesteps that predict noise, v or the clean sample
 *  (Stable Diffusion and its kin), from noise to picture; the same from picture to noise; networks of flow matching; of
 *  Karras et al. 2022 (EDM); unconditional ones with noise levels of their own (scores, DanceDiffusion). */
export type Serves = 'diffusion' | 'inversion' | 'flow' | 'edm' | 'unconditional'

/** A sampler. The registry (index.ts) lists all; a person sees those that serve the chosen kind of models. */
export interface Scheduler {
  /** The reference's class, e.g. `EulerDiscreteScheduler`: the name in files, recipes and on the command line. */
  readonly className: string
  /** A short name as the field writes it, e.g. "DPM++ 2M". */
  readonly title: string
  /** One line of plain words: what it is good for. */
  readonly goodFor: string
  readonly serves: Serves
  /** What a run may give instead of a count of steps. */
  readonly takes?: readonly ('timesteps' | 'sigmas')[]
  /** Whether its noise levels can be chosen (Karras' and others); the config keys are the reference's `use_*_sigmas`. */
  readonly choosesNoiseLevels: boolean
  /** @param steps denoising steps, at least 1
   *  @throws Problem SCHEDULER_CONFIG naming the key and what was expected, SCHEDULER_STEPS with the range of steps */
  create(config: SchedulerConfig, steps: number, options?: RunOptions): Schedule
}
