import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Outcome, replayFolder } from './parity.ts'

const GOLDENS = join(import.meta.dirname, 'goldens')

async function replay(pattern: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for await (const outcome of replayFolder(GOLDENS, [pattern])) outcomes.push(outcome)
  return outcomes
}

/** How many variants pass, and how many are left out because nothing computes them yet. */
for (const [pattern, passed, leftOut] of [
  ['01_rng/*', 27, 0],
  ['02_schedulers/DDIM/*', 18, 0],
  ['02_schedulers/DDIMInverse/*', 6, 0],
  ['02_schedulers/DDPM/*', 22, 0],
  ['02_schedulers/DEISMultistep/*', 14, 0],
  ['02_schedulers/DPMSolverMultistep/*', 58, 0],
  ['02_schedulers/DPMSolverMultistepInverse/*', 7, 0],
  ['02_schedulers/DPMSolverSinglestep/*', 20, 0],
  ['02_schedulers/EDMDPMSolverMultistep/*', 18, 0],
  ['02_schedulers/EDMEuler/*', 8, 0],
  ['02_schedulers/EulerAncestralDiscrete/*', 12, 0],
  ['02_schedulers/EulerDiscrete/*', 27, 0],
  ['02_schedulers/FlowMatchEulerDiscrete/*', 17, 0],
  ['02_schedulers/FlowMatchHeunDiscrete/*', 4, 0],
  ['02_schedulers/from_the_middle/*', 54, 0],
  ['02_schedulers/HeunDiscrete/*', 16, 0],
  ['02_schedulers/IPNDM/*', 2, 0],
  ['02_schedulers/KDPM2AncestralDiscrete/*', 10, 0],
  ['02_schedulers/KDPM2Discrete/*', 12, 0],
  ['02_schedulers/KarrasVe/*', 4, 0],
  ['02_schedulers/LCM/*', 13, 0],
  ['02_schedulers/LMSDiscrete/*', 18, 0],
  ['02_schedulers/PNDM/*', 12, 0],
  ['02_schedulers/RePaint/*', 2, 0],
  ['02_schedulers/ScoreSdeVe/*', 4, 0],
  ['02_schedulers/ScoreSdeVp/*', 4, 0],
  ['02_schedulers/TCD/*', 8, 0],
  ['02_schedulers/UniPCMultistep/*', 24, 0],
  ['02_schedulers/add_noise_velocity/*', 20, 0],
  ['03_clip/tokenizer_*', 4, 0],
  ['03_clip/text_models/clip_text*', 6, 0],
  ['03_clip/text_states/*', 2, 0],
  ['03_clip/vision/*', 1, 0],
  ['03_clip/clip_model/*', 1, 0],
  ['03_clip/preprocess/*', 7, 0],
  ['03_clip/t5_encoder/*', 2, 0],
  ['03_clip/t5_tokenizer/*', 2, 0],
  ['04_unet/timestep_embedding/*', 4, 0],
  ['04_unet/sd1_intermediates/*', 1, 0],
  ['04_unet/condition/*', 22, 0],
  ['04_unet/cross_attention_probs/*', 1, 0],
  ['04_unet/unconditional/*', 7, 0],
  ['04_unet/dit/*', 1, 0],
  ['04_unet/sd3/*', 5, 0],
  ['04_unet/flux/*', 4, 0],
  ['05_vae/kl/*', 6, 0],
  ['05_vae/kl_scaling/*', 6, 0],
  ['05_vae/tiny/*', 1, 0],
  ['05_vae/vq/*', 1, 0],
  ['06_controlnet/residuals/*', 5, 0],
  ['06_controlnet/t2i_adapter/*', 1, 0],
  ['07_pipelines/diffedit/*', 1, 0],
  ['07_pipelines/dit/*', 4, 0],
  ['07_pipelines/encode_prompt/*', 5, 0],
  ['07_pipelines/flow_loras/*', 8, 0],
  ['07_pipelines/flow_single_file/*', 3, 0],
  ['07_pipelines/flux/*', 12, 0],
  ['07_pipelines/image_processor/*', 8, 0],
  ['07_pipelines/lcm/*', 4, 0],
  ['07_pipelines/sd3/*', 12, 0],
  ['07_pipelines/sd_img2img/*', 7, 0],
  ['07_pipelines/sd_txt2img/*', 26, 0],
  ['07_pipelines/sdxl_base/*', 5, 0],
  ['07_pipelines/sdxl_base_refiner/*', 2, 0],
  ['07_pipelines/sdxl_img2img/*', 2, 0],
  ['07_pipelines/unconditional/*', 7, 0],
  ['07_pipelines/weighted_prompt/*', 18, 0],
  ['08_lora/lora/*', 8, 0],
  ['08_lora/textual_inversion/*', 4, 0],
  ['08_lora/merge/*', 24, 0],
  ['08_lora/adapted_unet/*', 14, 0],
  ['09_single_file/convert/*', 2, 0],
  ['10_training/clip_guidance_gradient/*', 1, 0],
  ['10_training/loss_and_gradients/*', 5, 0],
  ['10_training/clipping/*', 3, 0],
  ['10_training/learning_rates/*', 10, 0],
  ['10_training/lora_adamw/*', 2, 0],
  ['10_training/lora_peft_check/*', 1, 0],
  ['10_training/moving_average/*', 3, 0],
  ['10_training/null_text_inversion/*', 1, 0],
  ['10_training/optimisers/*', 13, 0],
  ['10_training/textual_inversion/*', 1, 0],
  ['10_training/unconditional/*', 1, 0],
  ['11_metrics/*', 9, 0],
  ['12_prompt_to_prompt/edits/*', 6, 0],
  ['14_smart_brush/*', 11, 0],
] as const) {
  test(`${pattern}: ${passed} variants equal the reference`, async () => {
    const outcomes = await replay(pattern)
    expect(outcomes.filter(({ result }) => result === 'failed')).toEqual([])
    expect(outcomes.filter(({ result }) => result === 'passed').length).toBe(passed)
    expect(outcomes.filter(({ result }) => result === 'left out').length).toBe(leftOut)
  })
}
