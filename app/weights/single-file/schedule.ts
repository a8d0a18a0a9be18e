import type { JsonObject } from '../json-file.ts'
import type { SafetensorsFile } from '../safetensors.ts'
import { type BaseFamily, predictionOf } from './layout.ts'

/** Noise levels of Stable Diffusion 1, 2 and XL as the reference's configs of them write them. */
const latentDiffusion = {
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  beta_end: 0.012,
  num_train_timesteps: 1000,
  steps_offset: 1,
  timestep_spacing: 'leading',
  trained_betas: null,
}

/** The scheduler's config that the published model of this kind has. */
export function schedulerConfig(file: SafetensorsFile, family: BaseFamily, inChannels: number): JsonObject {
  if (family === 'sd3') return { _class_name: 'FlowMatchEulerDiscreteScheduler', num_train_timesteps: 1000, shift: 3 }
  if (family === 'flux') return fluxSchedule(file)
  const prediction_type = predictionOf(file, family, inChannels)
  if (family === 'sdxl' || family === 'sdxl-refiner') {
    const xl = {
      _class_name: 'EulerDiscreteScheduler',
      ...latentDiffusion,
      prediction_type,
      interpolation_type: 'linear',
    }
    // Fine-tunes that were trained down to no signal at all say so by a tensor of this name.
    return file.tensors.has('ztsnr') ? { ...xl, rescale_betas_zero_snr: true, timestep_spacing: 'trailing' } : xl
  }
  const noise = { ...latentDiffusion, prediction_type, clip_sample: false, set_alpha_to_one: false }
  if (prediction_type === 'v_prediction') return { _class_name: 'DDIMScheduler', ...noise }
  return { _class_name: 'PNDMScheduler', ...noise, skip_prk_steps: true }
}

/** Flux-dev moves its noise levels with the picture's size; Flux-schnell, which knows no guidance, does not. */
function fluxSchedule(file: SafetensorsFile): JsonObject {
  const guided = [...file.tensors.keys()].some(key => key.endsWith('guidance_in.in_layer.weight'))
  return {
    _class_name: 'FlowMatchEulerDiscreteScheduler',
    num_train_timesteps: 1000,
    base_image_seq_len: 256,
    max_image_seq_len: 4096,
    base_shift: 0.5,
    max_shift: 1.15,
    shift: guided ? 3 : 1,
    use_dynamic_shifting: guided,
  }
}

/** The low-resolution picture of the upscaler is noised on a schedule of its own; the pictures' too differ. */
export const upscalerSchedules: Readonly<Record<'scheduler' | 'low_res_scheduler', JsonObject>> = {
  scheduler: {
    _class_name: 'DDIMScheduler',
    ...latentDiffusion,
    beta_start: 0.0001,
    beta_end: 0.02,
    prediction_type: 'v_prediction',
    clip_sample: false,
    set_alpha_to_one: false,
  },
  low_res_scheduler: {
    _class_name: 'DDPMScheduler',
    beta_schedule: 'scaled_linear',
    beta_start: 0.0001,
    beta_end: 0.02,
    num_train_timesteps: 1000,
    prediction_type: 'epsilon',
    clip_sample: true,
    variance_type: 'fixed_small',
    trained_betas: null,
  },
}
