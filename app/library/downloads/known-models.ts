import type { KnownModel } from './records.ts'

/** Models that are asked for most. Sizes, licences and whether one is still there are read from the hub when it is looked up. */
export const knownModels: readonly KnownModel[] = [
  {
    reference: 'stable-diffusion-v1-5/stable-diffusion-v1-5',
    name: 'Stable Diffusion 1.5',
    purpose: 'General pictures at 512 × 512; the family with the most concepts and controls.',
  },
  {
    reference: 'Lykon/dreamshaper-8',
    name: 'DreamShaper 8',
    purpose: 'Illustration and fantasy, of the Stable Diffusion 1.5 family.',
  },
  {
    reference: 'SimianLuo/LCM_Dreamshaper_v7',
    name: 'LCM DreamShaper 7',
    purpose: 'Illustration in four to eight steps.',
  },
  {
    reference: 'stable-diffusion-v1-5/stable-diffusion-inpainting',
    name: 'Stable Diffusion 1.5 in-painting',
    purpose: 'Fills masked parts of a picture.',
  },
  {
    reference: 'stabilityai/stable-diffusion-xl-base-1.0',
    name: 'Stable Diffusion XL',
    purpose: 'General pictures at 1024 × 1024; wants much more memory.',
  },
  {
    reference: 'stabilityai/sdxl-turbo',
    name: 'SDXL Turbo',
    purpose: 'Quick drafts in one to four steps at 512 × 512.',
  },
  {
    reference: 'latent-consistency/lcm-lora-sdv1-5',
    name: 'LCM LoRA for Stable Diffusion 1.5',
    purpose: 'Makes models of the 1.5 family draw in four to eight steps.',
  },
  {
    reference: 'lllyasviel/control_v11p_sd15_openpose',
    name: 'ControlNet pose for Stable Diffusion 1.5',
    purpose: 'Places figures by their pose.',
  },
  {
    reference: 'lllyasviel/control_v11p_sd15_canny',
    name: 'ControlNet edges for Stable Diffusion 1.5',
    purpose: 'Keeps the outlines of a picture.',
  },
  {
    reference: 'stabilityai/sd-vae-ft-mse',
    name: 'Softer VAE for Stable Diffusion 1.5',
    purpose: 'Cleaner faces and small details.',
  },
]
