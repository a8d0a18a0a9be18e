// Electron's switches that nothing in the app needs are turned off in its very program, before it is signed.
import { join } from 'node:path'
import { FuseV1Options, FuseVersion, flipFuses, getCurrentFuseWire } from '@electron/fuses'

/** All nine, decided. Cookies are not encrypted because there are none: a key ring would be asked for nothing. */
export const fuses = {
  [FuseV1Options.RunAsNode]: false,
  [FuseV1Options.EnableCookieEncryption]: false,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  [FuseV1Options.WasmTrapHandlers]: true,
}

/** The fuses that a program of Electron has; an older one (of the tests) has fewer. Out of the numbers of its wire.
 * @param {string} program @returns {Promise<string[]>} */
export async function fusesOf(program) {
  const wire = await getCurrentFuseWire(program)
  return Object.keys(fuses).filter(fuse => fuse in wire)
}

/** electron-builder calls this when the app's folder is made.
 * @param {import('electron-builder').AfterPackContext} context */
export default async function burn({ appOutDir, packager, electronPlatformName }) {
  const name = packager.appInfo.productFilename
  const program = {
    darwin: join(`${name}.app`, 'Contents', 'MacOS', name),
    win32: `${name}.exe`,
    linux: packager.platformSpecificBuildOptions.executableName,
  }[electronPlatformName]
  const path = join(appOutDir, String(program))
  const there = new Set(await fusesOf(path))
  const wanted = Object.fromEntries(Object.entries(fuses).filter(([fuse]) => there.has(fuse)))
  await flipFuses(path, {
    version: FuseVersion.V1,
    resetAdHocDarwinSignature: electronPlatformName === 'darwin',
    ...wanted,
  })
}
