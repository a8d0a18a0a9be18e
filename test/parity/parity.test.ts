import { readdirSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { expect, test } from 'vitest'
import { type Outcome, replayFolder } from './parity.ts'

const GOLDENS = join(import.meta.dirname, 'goldens')

async function replay(pattern: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for await (const outcome of replayFolder(GOLDENS, [pattern])) outcomes.push(outcome)
  return outcomes
}

/** How many variants of each group there are; none is left out. */
const groups = [
  ['01_rng/*', 27],
  ['02_schedulers/DDIM/*', 18],
  ['02_schedulers/DDIMInverse/*', 6],
  ['02_schedulers/DDPM/*', 22],
  ['02_schedulers/DEISMultistep/*', 14],
  ['02_schedulers/DPMSolverMultistep/*', 58],
  ['02_schedulers/DPMSolverMultistepInverse/*', 7],
  ['02_schedulers/DPMSolverSinglestep/*', 20],
  ['02_schedulers/EDMDPMSolverMultistep/*', 18],
  ['02_schedulers/EDMEuler/*', 8],
  ['02_schedulers/EulerAncestralDiscrete/*', 12],
  ['02_schedulers/EulerDiscrete/*', 27],
  ['02_schedulers/FlowMatchEulerDiscrete/*', 17],
  ['02_schedulers/FlowMatchHeunDiscrete/*', 4],
  ['02_schedulers/HeunDiscrete/*', 16],
  ['02_schedulers/IPNDM/*', 2],
  ['02_schedulers/KDPM2AncestralDiscrete/*', 10],
  ['02_schedulers/KDPM2Discrete/*', 12],
  ['02_schedulers/KarrasVe/*', 4],
  ['02_schedulers/LCM/*', 13],
  ['02_schedulers/LMSDiscrete/*', 18],
  ['02_schedulers/PNDM/*', 12],
  ['02_schedulers/RePaint/*', 2],
  ['02_schedulers/ScoreSdeVe/*', 4],
  ['02_schedulers/ScoreSdeVp/*', 4],
  ['02_schedulers/TCD/*', 8],
  ['02_schedulers/UniPCMultistep/*', 24],
  ['02_schedulers/add_noise_velocity/*', 20],
  ['02_schedulers/from_the_middle/*', 54],
  ['03_clip/clip_model/*', 1],
  ['03_clip/preprocess/*', 7],
  ['03_clip/t5_encoder/*', 2],
  ['03_clip/t5_tokenizer/*', 2],
  ['03_clip/text_models/*', 6],
  ['03_clip/text_states/*', 2],
  ['03_clip/tokenizer_*', 4],
  ['03_clip/vision/*', 1],
  ['04_unet/condition/*', 22],
  ['04_unet/cross_attention_probs/*', 1],
  ['04_unet/dit/*', 1],
  ['04_unet/flux/*', 4],
  ['04_unet/sd1_intermediates/*', 1],
  ['04_unet/sd3/*', 5],
  ['04_unet/timestep_embedding/*', 4],
  ['04_unet/unconditional/*', 7],
  ['05_vae/kl/*', 6],
  ['05_vae/kl_scaling/*', 6],
  ['05_vae/tiny/*', 1],
  ['05_vae/vq/*', 1],
  ['06_controlnet/ip_adapter/*', 7],
  ['06_controlnet/residuals/*', 5],
  ['06_controlnet/t2i_adapter/*', 1],
  ['07_pipelines/controlnet_img2img/*', 2],
  ['07_pipelines/controlnet_inpaint/*', 2],
  ['07_pipelines/controlnet_txt2img/*', 5],
  ['07_pipelines/controlnet_xl/*', 6],
  ['07_pipelines/diffedit/*', 1],
  ['07_pipelines/dit/*', 4],
  ['07_pipelines/encode_prompt/*', 5],
  ['07_pipelines/flow_loras/*', 8],
  ['07_pipelines/flow_single_file/*', 3],
  ['07_pipelines/flux/*', 12],
  ['07_pipelines/image_processor/*', 8],
  ['07_pipelines/instruct_pix2pix/*', 3],
  ['07_pipelines/ip_adapter/*', 7],
  ['07_pipelines/latent_upscale/*', 2],
  ['07_pipelines/lcm/*', 4],
  ['07_pipelines/pag/*', 7],
  ['07_pipelines/paint_by_example/*', 1],
  ['07_pipelines/sag/*', 4],
  ['07_pipelines/sd3/*', 12],
  ['07_pipelines/sd_depth2img/*', 2],
  ['07_pipelines/sd_img2img/*', 7],
  ['07_pipelines/sd_inpaint/*', 6],
  ['07_pipelines/sd_txt2img/*', 26],
  ['07_pipelines/sdxl_base/*', 5],
  ['07_pipelines/sdxl_base_refiner/*', 2],
  ['07_pipelines/sdxl_img2img/*', 2],
  ['07_pipelines/sdxl_inpaint/*', 1],
  ['07_pipelines/unconditional/*', 7],
  ['07_pipelines/upscale_x4/*', 3],
  ['07_pipelines/weighted_prompt/*', 18],
  ['08_lora/adapted_unet/*', 14],
  ['08_lora/lora/*', 8],
  ['08_lora/merge/*', 24],
  ['08_lora/textual_inversion/*', 4],
  ['09_single_file/convert/*', 2],
  ['10_training/clip_guidance_gradient/*', 1],
  ['10_training/clipping/*', 3],
  ['10_training/controlnet/*', 4],
  ['10_training/learning_rates/*', 10],
  ['10_training/lora_adamw/*', 2],
  ['10_training/lora_peft_check/*', 1],
  ['10_training/loss_and_gradients/*', 5],
  ['10_training/moving_average/*', 3],
  ['10_training/null_text_inversion/*', 1],
  ['10_training/optimisers/*', 13],
  ['10_training/text_encoder_lora/*', 4],
  ['10_training/textual_inversion/*', 1],
  ['10_training/unconditional/*', 1],
  ['11_metrics/*', 9],
  ['12_prompt_to_prompt/edits/*', 6],
  ['13_pictures/clipseg/*', 3],
  ['13_pictures/rrdb/*', 7],
  ['14_smart_brush/*', 11],
] as const

for (const [pattern, count] of groups) {
  test(`${pattern}: ${count} variants equal the reference`, async () => {
    const outcomes = await replay(pattern)
    expect(outcomes.filter(({ result }) => result !== 'passed')).toEqual([])
    expect(outcomes.length).toBe(count)
  })
}

test('no group of the goldens is left out', () => {
  const cases = join(GOLDENS, 'cases')
  const there = readdirSync(cases).flatMap(group => readdirSync(join(cases, group)).map(name => `${group}/${name}`))
  const isTested = (folder: string) =>
    groups.some(([pattern]) => matchesGlob(`${folder}/a`, pattern) || matchesGlob(folder, pattern))
  expect(there.filter(folder => !isTested(folder))).toEqual([])
})
