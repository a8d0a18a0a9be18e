import { schedulers, schedulersFor } from '../../schedulers/index.ts'

/** What another program's words for a sampler and its noise levels come to; words that mean nothing here are handed back. */
export interface NamedSampler {
  readonly sampler?: string
  readonly karras?: boolean
  /** Words that were not understood, by what the program calls them. */
  readonly unknown: Readonly<Record<string, string>>
}

/** Names that other programs give to samplers whose title differs: ComfyUI's (comfy/samplers.py, KSAMPLER_NAMES and SAMPLER_NAMES),
 *  InvokeAI's (backend/stable_diffusion/schedulers/schedulers.py, SCHEDULER_MAP) and the web UI's older ones (modules/sd_samplers_kdiffusion.py).
 *  Samplers that draw another picture than ours of a similar name (DPM++ 2M SDE, DPM++ 2S a) are none of these. */
const otherNames: Readonly<Record<string, string>> = {
  euler: 'EulerDiscreteScheduler',
  k_euler: 'EulerDiscreteScheduler',
  euler_a: 'EulerAncestralDiscreteScheduler',
  euler_ancestral: 'EulerAncestralDiscreteScheduler',
  k_euler_a: 'EulerAncestralDiscreteScheduler',
  k_euler_ancestral: 'EulerAncestralDiscreteScheduler',
  heun: 'HeunDiscreteScheduler',
  k_heun: 'HeunDiscreteScheduler',
  lms: 'LMSDiscreteScheduler',
  k_lms: 'LMSDiscreteScheduler',
  dpm_2: 'KDPM2DiscreteScheduler',
  k_dpm_2: 'KDPM2DiscreteScheduler',
  kdpm_2: 'KDPM2DiscreteScheduler',
  dpm_2_ancestral: 'KDPM2AncestralDiscreteScheduler',
  dpm_2_a: 'KDPM2AncestralDiscreteScheduler',
  k_dpm_2_a: 'KDPM2AncestralDiscreteScheduler',
  kdpm_2_a: 'KDPM2AncestralDiscreteScheduler',
  dpmpp_2m: 'DPMSolverMultistepScheduler',
  k_dpmpp_2m: 'DPMSolverMultistepScheduler',
  dpmpp_2s: 'DPMSolverSinglestepScheduler',
  unipc: 'UniPCMultistepScheduler',
  uni_pc_bh2: 'UniPCMultistepScheduler',
  plms: 'PNDMScheduler',
  pndm: 'PNDMScheduler',
  ddim: 'DDIMScheduler',
  ddpm: 'DDPMScheduler',
  deis: 'DEISMultistepScheduler',
  ipndm: 'IPNDMScheduler',
  lcm: 'LCMScheduler',
  tcd: 'TCDScheduler',
}

/** Names of noise levels that are the sampler's usual ones: the web UI's (modules/sd_schedulers.py) and ComfyUI's (SCHEDULER_NAMES). */
const plainLevels: readonly string[] = ['', 'automatic', 'uniform', 'normal', 'discrete']

/** Reads a sampler's name and that of its noise levels, however they are spelled: "DPM++ 2M Karras", "DPM++ 2M" and "Karras", "dpmpp_2m_k",
 *  "dpmpp_2m" and "karras". */
export function samplerNamed(name: string | undefined, levels = ''): NamedSampler {
  if (name === undefined || name.length > 100) return { unknown: {} }
  const plain = name.trim().toLowerCase()
  const [, base = plain, ending] = /^(.+?)(?:[\s_]+(karras|ka|k))?$/.exec(plain) ?? []
  // "k_euler" begins with what "euler_k" ends with, and some names need their ending.
  const whole = classOf(plain)
  const className = whole ?? classOf(base)
  const wanted = levels.trim().toLowerCase()
  const isKarras = (whole === undefined && ending !== undefined) || wanted === 'karras'
  const isKnown = isKarras || plainLevels.includes(wanted)
  const unknown = {
    ...(className === undefined && { Sampler: name.trim() }),
    ...(!isKnown && { 'Schedule type': levels.trim().slice(0, 100) }),
  }
  return className === undefined ? { unknown } : { sampler: className, karras: isKarras, unknown }
}

function classOf(word: string): string | undefined {
  const spaced = word.replaceAll('_', ' ')
  const titled = schedulersFor('diffusion').find(({ className, title }) => {
    return [title.toLowerCase(), className.toLowerCase()].some(known => known === word || known === spaced)
  })
  const other = Object.hasOwn(otherNames, word) ? otherNames[word] : undefined
  const className = titled?.className ?? other ?? (word === 'euler ancestral' ? otherNames.euler_ancestral : undefined)
  return className !== undefined && Object.hasOwn(schedulers, className) ? className : undefined
}
