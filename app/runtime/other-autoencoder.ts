import { type AutoencoderKLConfig, type AutoencoderSizes, autoencoderKL, strideOf } from '../models/autoencoder-kl.ts'
import { parseConfig } from '../models/family.ts'
import { Problem } from '../problem.ts'
import type { Component } from '../weights/model-source.ts'
import { openReplacement } from '../weights/replacement.ts'
import { Network } from './network.ts'
import type { Runtime } from './runtime.ts'

/** An autoencoder in the place of a checkpoint's own. @param path as `openReplacement` takes it
 *  @throws Problem VAE_LATENTS where its latents have another number of channels or another size */
export function otherAutoencoder(
  runtime: Runtime,
  path: string,
  own: Component,
): Network<AutoencoderKLConfig, AutoencoderSizes> {
  const other = new Network(runtime, autoencoderKL, openReplacement(path, own, [autoencoderKL.className]))
  const [theirs, ours] = [other.config, parseConfig(autoencoderKL, own.config, own.configPath)]
  if (theirs.latent_channels === ours.latent_channels && strideOf(theirs) === strideOf(ours)) return other
  const shown = (config: AutoencoderKLConfig) =>
    `${config.latent_channels} channels for ${strideOf(config)} x ${strideOf(config)} pixels`
  throw new Problem(
    'VAE_LATENTS',
    `The autoencoder ${path} has latents of ${shown(theirs)}, this model of ${shown(ours)}.`,
    { hint: 'Choose a VAE that was made for this kind of model.' },
  )
}
