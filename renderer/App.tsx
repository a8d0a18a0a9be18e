import { Tooltip } from 'radix-ui'
import { useEffect } from 'react'
import { Toaster } from 'sonner'
import { Gallery } from './gallery/Gallery.tsx'
import { useLanguage } from './language/language.ts'
import { MergeDialog } from './models/MergeDialog.tsx'
import { Models } from './models/Models.tsx'
import { AppSettings } from './panels/AppSettings.tsx'
import { ComparisonDialog } from './panels/ComparisonDialog.tsx'
import { DropVeil } from './panels/DropVeil.tsx'
import { Help } from './panels/Help.tsx'
import { Opening } from './panels/Opening.tsx'
import { Palette } from './panels/Palette.tsx'
import { Studio } from './panels/Studio.tsx'
import { TopBar } from './panels/TopBar.tsx'
import { queueOf, useEngine } from './state/engine.ts'
import { useKeys } from './state/keys.ts'
import { useLook } from './state/look.ts'
import { useNativeMenu } from './state/menu.ts'
import { useNotices } from './state/notices.ts'
import { useUi } from './state/ui.ts'
import { doneShare } from './state/words.ts'
import { Teach } from './training/Teach.tsx'

/** The window's title says how far the running job is; in tenths, because the window's owner hears of each change. */
function useTitle(): void {
  const title = useEngine(({ jobs, progress }) => {
    const { running } = queueOf(jobs)
    return running === undefined ? 'Sfumato' : `${Math.floor(doneShare(progress[running.id]) * 10) * 10} % · Sfumato`
  })
  useEffect(() => {
    document.title = title
  }, [title])
}

export function App() {
  const room = useUi(state => state.room)
  const announcement = useUi(state => state.announcement)
  // What is drawn says its texts while it is drawn: with another language, all of it is drawn anew.
  const language = useLanguage(state => state.language)
  useKeys()
  useLook()
  useNotices()
  useNativeMenu()
  useTitle()
  return (
    <Tooltip.Provider key={language} delayDuration={500} skipDelayDuration={300}>
      <div className="app">
        <TopBar />
        {room === 'studio' && <Studio />}
        {room === 'gallery' && <Gallery />}
        {room === 'teach' && <Teach />}
        {room === 'models' && <Models />}
        {room === 'settings' && <AppSettings />}
      </div>
      <Palette />
      <Help />
      <MergeDialog />
      <ComparisonDialog />
      <DropVeil />
      <Opening />
      <Toaster
        position="bottom-right"
        visibleToasts={3}
        offset={{ bottom: 'var(--toast-bottom, 16px)', right: 'var(--toast-right, 16px)' }}
        gap={8}
        toastOptions={{ unstyled: true, className: 'toast' }}
      />
      <div className="sr" role="status" aria-live="polite" data-testid="announcement">
        {announcement}
      </div>
    </Tooltip.Provider>
  )
}
