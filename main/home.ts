import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** The folder that holds everything that a person makes and sets: library, blobs, settings, logs, the window's own state.
 *  SFUMATO_HOME names another one; otherwise each system's own place for data that belongs to the person. */
export function homeFolder(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const { SFUMATO_HOME, APPDATA, XDG_DATA_HOME } = environment
  if (SFUMATO_HOME) return resolve(SFUMATO_HOME)
  if (platform === 'win32') return join(APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Sfumato')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Sfumato')
  return join(XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'sfumato')
}
