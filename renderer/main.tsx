import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '@fontsource-variable/inter/wght.css'
import './styles/index.css'
import { App } from './App.tsx'
import { keepConnected, linkByPort, linkBySocket, takeToken } from './state/connection.ts'
import { askBeforeClosing } from './state/document.ts'
import { lastLook } from './state/look.ts'
import { away, session } from './state/session.ts'

lastLook()

const bridge = window.sfumato
const token = bridge === undefined ? takeToken() : ''
void keepConnected({
  open: () => (bridge === undefined ? linkBySocket(token) : linkByPort(bridge)),
  session,
  away,
})

window.addEventListener('beforeunload', askBeforeClosing)

const root = document.getElementById('root')
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
