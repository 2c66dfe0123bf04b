from bottle import Bottle, HTTPError, request

games = Bottle()
running = {}

@games.post('/games/continue')
def continue_game():
    slot = int(request.forms.get('slot', 0))
    save = request.files.get('save')
    if save is None:
        raise HTTPError(400, 'no save file')
    # save.file holds the game object as the "save" button wrote it;
    # load it, put it into running[slot] and return its to_move
