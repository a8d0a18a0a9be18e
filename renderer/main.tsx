import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '@fontsource-variable/inter/wght.css'
import './styles/index.css'
import { App } from './App.tsx'
import { keepConnected, linkByPort, linkBySocket, takeToken } from './state/connection.ts'
import { away, session } from './state/session.ts'
import { load } from './state/storage.ts'

const theme = load('sfumato.theme')
if (theme !== null) document.documentElement.dataset.theme = theme

const bridge = window.sfumato
const token = bridge === undefined ? takeToken() : ''
void keepConnected({
  open: () => (bridge === undefined ? linkBySocket(token) : linkByPort(bridge)),
  session,
  away,
})

const root = document.getElementById('root')
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
