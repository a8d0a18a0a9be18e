import { existsSync, globSync } from 'node:fs'

/** SwiftShader's Vulkan driver description: Chromium's and Electron's builds carry it. WebGPU then runs on a machine without a GPU. */
const places = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  ...globSync('.cache/electron-runtime/*/vk_swiftshader_icd.json'),
]

/** Points the Vulkan loader to SwiftShader, before ONNX Runtime looks for adapters. @returns whether it is there */
export function enableSwiftShader(): boolean {
  const driver = places.find(place => existsSync(place))
  if (driver !== undefined) process.env.VK_ICD_FILENAMES = driver
  return driver !== undefined
}
