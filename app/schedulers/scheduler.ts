import type { Shape, Tensor } from '../tensor/tensor.ts'

/** A question to the network: what is in this noisy picture? Yielded by a schedule's `run`, answered by THE denoising loop. */
export interface ModelCall {
  /** What the network is fed: the sample, scaled as the scheduler wants it. [batch, channels, height, width] */
  readonly input: Tensor
  /** The sample itself, before this call; from the second call on it is the result of the step before. Same shape. */
  readonly sample: Tensor
  /** The training timestep that the network is told; may be fractional for schedulers that interpolate noise levels. */
  readonly timestep: number
  /** Estimates the clean sample from the network's raw answer to this call (for previews and hooks). */
  readonly denoised: (output: Tensor) => Tensor
}

/** Draws standard normal noise; ancestral and stochastic schedulers ask for it, in the order of the reference. */
export type NoiseSource = (shape: Shape) => Tensor

/** The noise levels that the network was trained with, by training timestep. */
export interface NoiseTable {
  /** Variance that a training step adds. */
  readonly betas: Float32Array
  /** Share of the clean sample's variance that is left after a training step: alpha-bar, falling from nearly 1. */
  readonly alphasCumprod: Float32Array
}

/** Choices of one run that are no part of a model's configuration; a scheduler takes those that it knows. */
export interface RunOptions {
  /** DDIM: share of DDPM's noise that each step adds back, 0 (none) to 1. */
  readonly eta?: number
  /** DDIM: takes the noise direction anew from the limited clean sample. */
  readonly useClippedModelOutput?: boolean
  /** Euler: noise added back before each step (S_churn of Karras et al. 2022, algorithm 2), over the whole run. */
  readonly churn?: number
  /** Euler: noise levels between which `churn` acts, and the standard deviation of its noise. */
  readonly churnFrom?: number
  readonly churnTo?: number
  readonly churnNoise?: number
}

/** One run's plan: noise levels are fixed, `run` walks through them. */
export interface Schedule {
  /** One entry for each call of the network, in order. */
  readonly timesteps: readonly number[]
  /** Noise levels (standard deviations in the units of a clean sample), one more than steps where the scheduler works in sigmas. */
  readonly sigmas?: readonly number[]
  /** What the network was trained with. */
  readonly table: NoiseTable
  /** alpha-bar after the last step, where the scheduler works in alpha-bar: 1 is a clean sample. */
  readonly finalAlphaCumprod?: number
  /** Standard normal noise is multiplied by this before the first step. */
  readonly initialNoiseScale: number
  /** Yields calls, is sent the network's raw predictions, returns the finished sample. Pure: all randomness comes from `noise`. */
  run(sample: Tensor, noise: NoiseSource): Generator<ModelCall, Tensor, Tensor>
}

/** The keys of a reference scheduler_config.json, as they stand in the file; each scheduler validates what it reads. */
export type SchedulerConfig = Readonly<Record<string, unknown>>

/** A sampler that a person can choose. The registry (index.ts) lists them; the UI lists the registry. */
export interface Scheduler {
  /** The reference's class, e.g. `EulerDiscreteScheduler`: the name in files, recipes and on the command line. */
  readonly className: string
  /** A short name as the field writes it, e.g. "DPM++ 2M". */
  readonly title: string
  /** One line of plain words: what it is good for. */
  readonly goodFor: string
  /** Whether its noise levels can be chosen (Karras' and others); the config keys are the reference's `use_*_sigmas`. */
  readonly choosesNoiseLevels: boolean
  /** @param steps denoising steps, at least 1
   *  @throws Problem SCHEDULER_CONFIG naming the key and what was expected, SCHEDULER_STEPS with the range of steps */
  create(config: SchedulerConfig, steps: number, options?: RunOptions): Schedule
}
