from flask import Flask, jsonify, request
from lxml import etree

app = Flask(__name__)

@app.route('/outline')
def outline():
    opml = request.args.get('opml', '')
    # parse the opml and collect text and xmlUrl of all <outline> elements
