import { Problem } from '../problem.ts'
import { isJsonObject } from '../weights/json-file.ts'
import type { Component, ModelSource } from '../weights/model-source.ts'
import { autoencoderKL, strideOf } from './autoencoder-kl.ts'
import { type DiTConfig, ditTransformer2D } from './dit-transformer-2d.ts'
import { parseConfig } from './family.ts'
import { weightParts } from './parts.ts'
import { isToldClasses, pictureChannels, type UNet2DConfig, unet2D } from './unet-2d.ts'

/** What is read of a model that reads no words. */
export interface AboutWordless {
  readonly network: Component
  /** Of its pictures, in pixels; such models know one size. */
  readonly width: number
  readonly height: number
  readonly stride: number
  readonly steps: number
  readonly guidance: number
  readonly promptTokens: 0
  readonly classes?: { readonly count: number; readonly names?: readonly string[] }
}

/** Steps of the reference's pipelines, by scheduler where a pipeline is made for one. */
const stepsOfSchedulers: Readonly<Record<string, number>> = {
  DDPMScheduler: 1000,
  ScoreSdeVeScheduler: 2000,
  ScoreSdeVpScheduler: 2000,
}
const otherSteps = 50
/** Of the reference's DiTPipeline. */
const classGuidance = 4
/** Of models of pixels whose classes can be left away: those of Ho & Salimans 2022 (arXiv:2207.12598) draw best with little. */
const pixelClassGuidance = 2

/** Describes a model of pixels without words, or of classes. @throws Problem as `describeCheckpoint` */
export function aboutWordless(folder: ModelSource, kind: 'unconditional' | 'classes'): AboutWordless {
  if (kind === 'unconditional') return aboutPixels(folder)
  return folder.components.get('unet')?.className === undefined ? aboutClasses(folder) : aboutPixelClasses(folder)
}

function aboutPixels(folder: ModelSource): AboutWordless {
  const network = folder.component('unet', weightParts(folder).unet)
  const config = parseConfig(unet2D, network.config, network.configPath)
  refuseMisfits(folder, network, config)
  const [height, width = height] = [config.sample_size ?? []].flat()
  if (!(height > 0) || !(width > 0)) {
    throw new Problem('MODEL_CONFIG', `${network.configPath} does not say how large its pictures are (sample_size).`, {
      hint: 'Download or copy the model again.',
    })
  }
  const { className, config: scheduler } = folder.component('scheduler')
  const trained = typeof scheduler.num_train_timesteps === 'number' ? scheduler.num_train_timesteps : undefined
  const usual = stepsOfSchedulers[className] ?? otherSteps
  const steps = className === 'DDPMScheduler' ? Math.min(usual, trained ?? usual) : usual
  return { network, width, height, stride: 1, steps, guidance: 1, promptTokens: 0 }
}

function refuseMisfits(folder: ModelSource, network: Component, config: UNet2DConfig): void {
  const inside = ['vae', 'vqvae', 'mel'].find(name => folder.components.get(name)?.className !== undefined)
  if (inside !== undefined) {
    throw new Problem('MODEL_INPUTS', `The UNet of ${folder.path} works on what its ${inside} makes, not on pixels.`, {
      hint: 'Choose a model that draws pixels, or one that draws from words.',
    })
  }
  if (config.class_embed_type != null && !isToldClasses(config)) {
    throw new Problem(
      'MODEL_INPUTS',
      `The UNet of ${folder.path} wants what its class_embed_type says, "${config.class_embed_type}", which nothing here gives.`,
      { hint: 'Choose a model that is told classes by their numbers, or none.' },
    )
  }
  const channels = pictureChannels(config)
  const drawn = config.out_channels
  if ((channels !== 1 && channels !== 3) || (drawn !== channels && drawn !== 2 * channels)) {
    throw new Problem(
      'MODEL_INPUTS',
      `The UNet of ${folder.path} takes ${channels} channels and gives ${drawn}: that is no picture in grey or colour.`,
      { hint: `Choose another model, or check ${network.configPath}.` },
    )
  }
}

/** A model of pixels that is told a class. */
function aboutPixelClasses(folder: ModelSource): AboutWordless {
  const about = aboutPixels(folder)
  const { num_class_embeds } = parseConfig(unet2D, about.network.config, about.network.configPath)
  const { classes, noClass } = pixelClasses(folder, num_class_embeds ?? 0)
  return {
    ...about,
    guidance: noClass === undefined ? 1 : pixelClassGuidance,
    classes: classesOf(folder, classes),
  }
}

/** The classes of a table of rows. A table with one row more than `id2label` has names was trained with labels left away: its last row
 *  stands for none of the classes. */
export function pixelClasses(
  { options: { id2label } }: ModelSource,
  rows: number,
): { readonly classes: number; readonly noClass?: number } {
  const isLastNone = isJsonObject(id2label) && Object.keys(id2label).length === rows - 1
  return isLastNone ? { classes: rows - 1, noClass: rows - 1 } : { classes: rows }
}

function aboutClasses(folder: ModelSource): AboutWordless {
  const parts = weightParts(folder)
  const network = folder.component('transformer', parts.transformer)
  const config = parseConfig(ditTransformer2D, network.config, network.configPath)
  const vae = folder.component('vae', parts.vae)
  const autoencoder = parseConfig(autoencoderKL, vae.config, vae.configPath)
  const { in_channels: channels, sample_size } = config
  const given = drawnChannels(config)
  if (channels !== autoencoder.latent_channels || (given !== channels && given !== 2 * channels)) {
    throw new Problem(
      'MODEL_CONFIG',
      `The transformer of ${folder.path} takes ${channels} channels and gives ${given}, its autoencoder ${autoencoder.latent_channels}.`,
      { hint: 'These parts do not belong together: download the model again.' },
    )
  }
  const stride = strideOf(autoencoder)
  const side = sample_size * stride
  return {
    ...{ network, width: side, height: side, stride },
    ...{ steps: otherSteps, guidance: classGuidance, promptTokens: 0 as const },
    classes: classesOf(folder, config.num_embeds_ada_norm),
  }
}

/** What classes are called: the reference's DiTPipeline keeps `id2label` in model_index.json, `{"207": "golden retriever", ...}`. */
function classesOf({ options: { id2label } }: ModelSource, count: number) {
  if (!isJsonObject(id2label)) return { count }
  const names = Array.from({ length: count }, (_, index) => {
    const name = id2label[index]
    return typeof name === 'string' ? name.trim().slice(0, longestName) : ''
  })
  return names.some(name => name !== '') ? { count, names } : { count }
}

const longestName = 200

const drawnChannels = ({ in_channels, out_channels }: DiTConfig): number => out_channels ?? in_channels
